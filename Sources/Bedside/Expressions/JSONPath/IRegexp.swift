/// An I-Regexp (RFC 9485) as a program for ``IRegexp/matches(_:isWhole:)``.
///
/// The program is simulated over sets of threads (Thompson), so a match takes at most
/// `text × program` steps: no pattern can make it backtrack.
///
/// `^` and `$` outside of brackets stand for the start and the end of the text, as in the JSONPath compliance
/// test suite and every engine that RFC 9485 §5 maps to; the literal characters are written `\^` and `[$]`.
struct IRegexp: Sendable {
    /// Longest pattern in UTF-8 bytes.
    static let patternMax = 1_024
    /// Most instructions that the ranges `{n,m}` may expand to.
    static let programMax = 4_096

    enum Instruction: Sendable {
        case scalar(UInt32)
        /// Any character except line feed and carriage return.
        case any
        /// A member of the set with this number.
        case set(Int)
        case fork(Int, Int)
        case jump(Int)
        case textStart
        case textEnd
        case accept
    }

    let program: [Instruction]
    let sets: [IRegexpSet]

    /// Compiles a pattern; nil when it is not an I-Regexp or too large.
    init?(_ pattern: ArraySlice<UInt8>) {
        guard pattern.count <= Self.patternMax else { return nil }
        var parser = IRegexpParser(pattern)
        guard let tree = parser.parse() else { return nil }
        var compiler = IRegexpCompiler()
        guard compiler.emit(tree) else { return nil }
        self.program = compiler.program + [.accept]
        self.sets = compiler.sets
    }

    /// Whether the whole text (`match`) or some part of it (`search`) matches.
    func matches(_ text: ArraySlice<UInt8>, isWhole: Bool) -> Bool {
        let scalars = String(decoding: text, as: UTF8.self).unicodeScalars.map(\.value)
        var threads = ThreadSet(capacity: self.program.count)
        var next = ThreadSet(capacity: self.program.count)
        self.add(0, to: &threads, at: 0, of: scalars.count)
        for (position, scalar) in scalars.enumerated() {
            if !isWhole {
                if threads.hasAccepted { return true }
                self.add(0, to: &threads, at: position, of: scalars.count)
                if threads.hasAccepted { return true }
            }
            next.removeAll()
            for place in threads.places where self.consumes(self.program[place], scalar) {
                self.add(place + 1, to: &next, at: position + 1, of: scalars.count)
            }
            swap(&threads, &next)
        }
        if !isWhole { self.add(0, to: &threads, at: scalars.count, of: scalars.count) }
        return threads.hasAccepted
    }

    private func consumes(_ instruction: Instruction, _ scalar: UInt32) -> Bool {
        switch instruction {
        case .scalar(let wanted): scalar == wanted
        case .any: scalar != 0x0A && scalar != 0x0D
        case .set(let number): self.sets[number].contains(scalar)
        case .fork, .jump, .textStart, .textEnd, .accept: false
        }
    }

    /// Adds a thread and all that it reaches without consuming a character.
    private func add(_ start: Int, to threads: inout ThreadSet, at position: Int, of count: Int) {
        threads.pending.append(start)
        while let place = threads.pending.popLast() {
            guard threads.insert(place) else { continue }
            switch self.program[place] {
            case .fork(let first, let second):
                threads.pending.append(second)
                threads.pending.append(first)
            case .jump(let target): threads.pending.append(target)
            case .textStart: if position == 0 { threads.pending.append(place + 1) }
            case .textEnd: if position == count { threads.pending.append(place + 1) }
            case .accept: threads.hasAccepted = true
            case .scalar, .any, .set: break
            }
        }
    }

    /// The places that the simulation has reached, in order and without duplicates.
    private struct ThreadSet {
        private(set) var places: [Int] = []
        var pending: [Int] = []
        var hasAccepted = false
        private var isMember: [Bool]

        init(capacity: Int) { self.isMember = Array(repeating: false, count: capacity) }

        mutating func insert(_ place: Int) -> Bool {
            guard !self.isMember[place] else { return false }
            self.isMember[place] = true
            self.places.append(place)
            return true
        }

        mutating func removeAll() {
            for place in self.places { self.isMember[place] = false }
            self.places.removeAll(keepingCapacity: true)
            self.hasAccepted = false
        }
    }
}

/// Turns a parsed pattern into instructions, giving up on what would become too large.
private struct IRegexpCompiler {
    var program: [IRegexp.Instruction] = []
    var sets: [IRegexpSet] = []
    /// Counts parts, so that repeating something empty a million times ends as well.
    private var work = 0

    mutating func emit(_ node: IRegexpNode) -> Bool {
        self.work += 1
        guard self.program.count < IRegexp.programMax, self.work < 4 * IRegexp.programMax else { return false }
        switch node {
        case .scalar(let value): self.program.append(.scalar(value))
        case .any: self.program.append(.any)
        case .textStart: self.program.append(.textStart)
        case .textEnd: self.program.append(.textEnd)
        case .set(let set):
            self.program.append(.set(self.sets.count))
            self.sets.append(set)
        case .sequence(let parts):
            for part in parts { guard self.emit(part) else { return false } }
        case .choice(let first, let second): return self.emitChoice(first, second)
        case .repeated(let part, let least, let most): return self.emitRepeated(part, least, most)
        }
        return true
    }

    private mutating func emitChoice(_ first: IRegexpNode, _ second: IRegexpNode) -> Bool {
        let fork = self.reserve()
        guard self.emit(first) else { return false }
        let jump = self.reserve()
        self.program[fork] = .fork(fork + 1, self.program.count)
        guard self.emit(second) else { return false }
        self.program[jump] = .jump(self.program.count)
        return true
    }

    private mutating func emitRepeated(_ part: IRegexpNode, _ least: Int, _ most: Int?) -> Bool {
        for _ in 0..<least { guard self.emit(part) else { return false } }
        guard let most else {
            let fork = self.reserve()
            guard self.emit(part) else { return false }
            self.program.append(.jump(fork))
            self.program[fork] = .fork(fork + 1, self.program.count)
            return true
        }
        var forks: [Int] = []
        for _ in least..<max(least, most) {
            forks.append(self.reserve())
            guard self.emit(part) else { return false }
        }
        for fork in forks { self.program[fork] = .fork(fork + 1, self.program.count) }
        return true
    }

    private mutating func reserve() -> Int {
        self.program.append(.accept)
        return self.program.count - 1
    }
}
