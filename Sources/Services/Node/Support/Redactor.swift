/// Takes out of texts whatever could name a patient, a device, a party or a secret.
///
/// It does not look for what is dangerous, which nobody can list: it lets out what is known to be harmless. That is the
/// program's own words (``SupportWords``), times, and numbers at places where only counts stand. Everything else becomes
/// `text-N`; equal texts get the same number within one bundle, so that a broker in the configuration is recognized in
/// the log.
package struct Redactor: Sendable {
    /// Longer lines are cut: no message of ours is as long.
    static let lineBytesMax = 4_096

    private var numbers: [String: Int] = [:]

    package init() {}

    /// How many different texts were hidden.
    package var hidden: Int { self.numbers.count }

    /// A text as it is when it consists of the program's own words, such as `dead_letter` or `/v1/envelopes`.
    ///
    /// - Parameter text: one value, such as that of a label.
    /// - Returns: the text, or `text-N`.
    package mutating func value(_ text: some StringProtocol) -> String {
        Self.isHarmless(text) ? String(text) : self.name(of: String(text))
    }

    /// A line of prose, such as an error: words, punctuation and nothing else.
    package mutating func prose(_ text: some StringProtocol) -> String { self.words(of: text) }

    /// What a metadata field of a log says.
    ///
    /// - Parameters:
    ///   - text: the value.
    ///   - key: the field; numbers stay with those that count something.
    /// - Returns: the value, or what is harmless of it.
    package mutating func value(_ text: some StringProtocol, of key: some StringProtocol) -> String {
        guard !Self.namingKeys.contains(String(key)) else { return self.name(of: String(text)) }
        let isNumbers = text.allSatisfy { ("0"..."9").contains($0) || $0 == " " }
        return isNumbers && Self.countingKeys.contains(String(key)) ? String(text) : self.words(of: text)
    }

    /// The number that stands for a text in this bundle.
    mutating func name(of text: String) -> String {
        let number = self.numbers[text] ?? self.numbers.count + 1
        self.numbers[text] = number
        return "text-\(number)"
    }

    // MARK: Words

    /// Fields that name somebody, who may be called by a common word.
    static let namingKeys: Set<String> = [
        "bed", "client_id", "device", "id", "label", "name", "party", "patient", "user", "username", "who",
    ]

    /// Fields that count, and never name.
    private static let countingKeys: Set<String> = [
        "acknowledged", "anchors", "attempts", "batches", "bytes", "chunks", "contradictions", "count", "deliveries",
        "envelopes", "epoch", "files", "files refused", "height", "heights", "in force", "line", "messages", "port",
        "ports", "rules", "seconds", "status", "view", "windows",
    ]

    private mutating func words(of text: some StringProtocol) -> String {
        var result = ""
        var atom = ""
        for character in text {
            if Self.isAtomic(character) {
                atom.append(character)
            } else {
                result += self.outcome(atom)
                atom = ""
                // A line end would let a value make a line of its own, and an escape would colour a terminal.
                let isControl = character.asciiValue.map { $0 < 0x20 || $0 == 0x7F } ?? true
                result.append(isControl ? " " : character)
            }
        }
        return result + self.outcome(atom)
    }

    private mutating func outcome(_ atom: String) -> String {
        guard !atom.isEmpty else { return "" }
        let bare = atom.drop { ":./-_".contains($0) }
        let end = bare.reversed().drop { ":./-_".contains($0) }.count
        let core = bare.prefix(end)
        // Punctuation alone.
        guard !core.isEmpty else { return atom }
        if Self.isHarmless(core) { return atom }
        // Whole: what stands around the core belongs to a path or a name.
        return self.name(of: atom)
    }

    /// Whether a character belongs to a word, a name, an address or a number; the others are punctuation.
    ///
    /// A colon joins the parts of a party's name.
    private static func isAtomic(_ character: Character) -> Bool {
        guard let byte = character.asciiValue else { return true }
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: return true
        default: return ":./-_@+%#$&~^\\*".utf8.contains(byte)
        }
    }

    /// Only letters of known words, between them `/`, `-`, `_` and `.`; `v1` is a word of addresses.
    static func isHarmless(_ text: some StringProtocol) -> Bool {
        var hasWord = false
        for part in text.split(whereSeparator: { "/-_.".contains($0) }) {
            guard part == "v1" || SupportWords.all.contains(Substring(part)) || Self.isLetter(part) else {
                return false
            }
            hasWord = hasWord || !Self.isLetter(part)
        }
        return hasWord || (text.count == 1 && Self.isLetter(text))
    }

    /// `a` and the like, which sentences have; alone they name nobody.
    private static func isLetter(_ text: some StringProtocol) -> Bool {
        text.utf8.count == 1 && text.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x41...0x5A).contains($0) }
    }
}
