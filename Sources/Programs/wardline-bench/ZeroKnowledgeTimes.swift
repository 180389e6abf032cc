import Foundation

/// Seconds that repeats of one step took, by the clock on the wall and on all processors together.
struct StepTimes: Codable {
    private(set) var wall: [Double] = []
    private(set) var cpu: [Double] = []

    mutating func measure<Result>(_ work: () throws -> Result) rethrows -> Result {
        let (started, cpu) = (ContinuousClock.now, CPUTime.ofProcess)
        let result = try work()
        let wall = (ContinuousClock.now - started).components
        self.cpu.append((CPUTime.ofProcess - cpu) / 1e6)
        self.wall.append(Double(wall.seconds) + Double(wall.attoseconds) / 1e18)
        return result
    }
}

/// What one process measured of one circuit: steps by name, and counts and sizes in bytes.
struct ZeroKnowledgeReport: Codable {
    let circuit: String
    var steps: [String: StepTimes] = [:]
    var figures: [String: Int] = [:]

    init(_ circuit: TimedCircuit) { self.circuit = circuit.description }

    mutating func measure<Result>(_ step: String, _ work: () throws -> Result) rethrows -> Result {
        try self.steps[step, default: StepTimes()].measure(work)
    }

    /// Notes the most memory that the process had resident until now.
    mutating func notePeak(_ name: String) {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        let kibibytes = line.flatMap { Int($0.dropFirst(6).dropLast(2).trimmingCharacters(in: .whitespaces)) }
        self.figures[name] = kibibytes.map { $0 * 1024 }
    }

    func printed() throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        print(String(decoding: try encoder.encode(self), as: UTF8.self))
    }
}
