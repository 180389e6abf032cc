/// Splits names that people give to fields: `bodyTemperature_C`, `NIBP-SYS`, `Heart rate`.
enum Words {
    /// The words of a name in lower case; letters and digits stay together (`spo2`), camel case is split.
    static func split(_ name: String) -> [String] {
        var words: [String] = []
        var word = ""
        var previous: Character?
        let characters = Array(name)
        for (index, character) in characters.enumerated() {
            let next = index + 1 < characters.count ? characters[index + 1] : nil
            if !(character.isLetter || character.isNumber) {
                Self.end(&word, &words)
            } else {
                if self.startsWord(character, after: previous, before: next) { Self.end(&word, &words) }
                word.append(character)
            }
            previous = character
        }
        Self.end(&word, &words)
        return words
    }

    /// `heartRate`: R starts a word; `SpO2`, `NIBPSys`: only the last capital of several does.
    private static func startsWord(_ character: Character, after previous: Character?, before next: Character?) -> Bool
    {
        guard character.isUppercase, let previous else { return false }
        if previous.isLowercase { return next?.isLowercase ?? false }
        return previous.isUppercase && (next?.isLowercase ?? false)
    }

    private static func end(_ word: inout String, _ words: inout [String]) {
        if !word.isEmpty { words.append(word.lowercased()) }
        word = ""
    }

    /// The words of a name without anything between them: `Heart rate` and `heart_rate` are the same.
    static func joined(_ name: String) -> String { self.split(name).joined() }

    /// Lower-case words with hyphens, as keys and ids are written; at most 64 bytes.
    static func kebab(_ name: String) -> String {
        let ascii = name.map { $0.isASCII ? $0 : " " }
        return String(self.split(String(ascii)).joined(separator: "-").prefix(64))
    }

    /// The words of at least four letters: what two names must share to mean the same.
    static func telling(_ name: String) -> Set<String> { Set(self.split(name).filter { $0.count >= 4 }) }
}
