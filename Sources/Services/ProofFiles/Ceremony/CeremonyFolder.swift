internal import CanonicalBytes
package import ConstraintSystems
internal import Credentials
internal import Foundation
package import SetupCeremony

/// A ceremony in a directory.
///
/// It holds `ceremony.json` and one file for each contribution, `powers-000.contribution` and so on. All of it is public;
/// members pass it on as they like.
package struct CeremonyFolder: Sendable {
    package let path: String
    package let plan: CeremonyPlan

    /// Files of a phase at most.
    private static let contributionsMax = 1000

    /// Makes the directory and its plan; a directory with the same plan is left as it is.
    ///
    /// - Throws: what keeps it from being one.
    package static func make(_ path: String, _ plan: CeremonyPlan) throws -> CeremonyFolder {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        let file = Self.planFile(path)
        if PrivateFile.exists(file) {
            let folder = try CeremonyFolder(path)
            guard folder.plan == plan else { throw FileFailure("\(path) holds another ceremony") }
            return folder
        }
        try PublicFile.write(plan.bytes, to: file)
        return CeremonyFolder(path, plan)
    }

    /// Opens a directory.
    ///
    /// - Throws: what keeps it from being one.
    package init(_ path: String) throws {
        let file = Self.planFile(path)
        guard PrivateFile.exists(file) else {
            throw FileFailure("\(path) holds no ceremony; `wardline ceremony init` begins one")
        }
        let plan = try FileFailure.naming(file) {
            try CeremonyPlan(PrivateFile.read(file, upTo: JSONFields.bytesMax, isSecret: false))
        }
        self.init(path, plan)
    }

    private init(_ path: String, _ plan: CeremonyPlan) {
        self.path = path
        self.plan = plan
    }

    /// Verifies all contributions that are there.
    ///
    /// - Parameters:
    ///   - system: the circuit's.
    ///   - step: is told what comes next.
    /// - Returns: the ceremony after the last of them.
    /// - Throws: `CeremonyFault` for a contribution that is wrong, else what is wrong with the files.
    package func replay(_ system: ConstraintSystem, step: (String) -> Void) throws -> CeremonyReplay {
        let (powers, circuit) = (try self.count(.powers), try self.count(.circuit))
        var replay = CeremonyReplay(self.plan.start, system)
        for (phase, count) in [(CeremonyFault.Phase.powers, powers), (.circuit, circuit)] {
            for index in 0..<count {
                step("verifying \(phase.rawValue) contribution \(index + 1) of \(count)")
                try replay.accept(self.contribution(phase, index), to: phase)
            }
        }
        return replay
    }

    /// Stores the next contribution.
    ///
    /// - Throws: when there is a file in its place, or it cannot be written.
    package func add(_ bytes: [UInt8], to phase: CeremonyFault.Phase) throws {
        let file = self.file(phase, try self.count(phase))
        try PublicFile.write(bytes, to: file)
    }

    /// The transcript of all contributions, not verified by this.
    package func transcript() throws -> CeremonyTranscript {
        CeremonyTranscript(
            start: self.plan.start,
            powers: try (0..<self.count(.powers)).map { try self.contribution(.powers, $0) },
            circuit: try (0..<self.count(.circuit)).map { try self.contribution(.circuit, $0) }
        )
    }

    /// Contributions of a phase that are there, not verified by this.
    ///
    /// - Returns: their number.
    /// - Throws: when one is missing before others.
    package func count(_ phase: CeremonyFault.Phase) throws -> Int {
        let names = try FileManager.default.contentsOfDirectory(atPath: self.path)
        let count = names.count { $0.hasPrefix("\(phase.rawValue)-") && $0.hasSuffix(Self.suffix) }
        guard count <= Self.contributionsMax else { throw FileFailure("\(self.path) holds too many contributions") }
        for index in 0..<count where !PrivateFile.exists(self.file(phase, index)) {
            throw FileFailure("\(self.file(phase, index)) is missing, and there are later ones")
        }
        return count
    }

    private func contribution(_ phase: CeremonyFault.Phase, _ index: Int) throws -> [UInt8] {
        // Four lists in G1 and one in G2 of N points each, or two in G1 with more variables than rows.
        let limit = 4096 + 288 << self.plan.start.logarithm
        return try PrivateFile.read(self.file(phase, index), upTo: limit, isSecret: false)
    }

    private static let suffix = ".contribution"
    private static func planFile(_ path: String) -> String { "\(path)/ceremony.json" }

    private func file(_ phase: CeremonyFault.Phase, _ index: Int) -> String {
        let digits = "\(index)"
        return
            "\(self.path)/\(phase.rawValue)-\(String(repeating: "0", count: max(0, 3 - digits.count)))\(digits)\(Self.suffix)"
    }
}
