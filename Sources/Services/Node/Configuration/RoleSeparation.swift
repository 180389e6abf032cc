/// Why two roles must be run by different operators.
///
/// Keyed by the configuration's sections. What is refused is decided by ``NodeConfiguration``; these are its words.
enum RoleSeparation {
    /// - Parameters:
    ///   - first: a section.
    ///   - second: another one.
    /// - Returns: a clause that follows "because", in whichever order the sections stand.
    static func reason(_ first: String, _ second: String) -> String {
        let pair = [first, second].sorted()
        for (section, others, reason) in self.reasons where pair.contains(section) {
            guard let other = pair.first(where: { $0 != section }) else { continue }
            if others.isEmpty || others.contains(other) { return reason }
        }
        return "each of them is there so that the other cannot act alone"
    }

    /// The first that fits counts; no names of others: whichever.
    private static let reasons: [(section: String, others: [String], reason: String)] = [
        (
            "privacy_center", ["custodian"],
            "whoever stores the envelopes would have the keys that open them"
        ),
        (
            "authority", ["key_issuing"],
            "whoever certifies could make up parties and issue them the keys of others' data"
        ),
        (
            "privacy_center", ["attribute_authority"],
            "whoever stores the index would have the keys that read it"
        ),
        (
            "registration_authority", ["pseudonym_authority"],
            "whoever knows who asks would know under which pseudonym"
        ),
        ("authority", [], "whoever certifies could certify itself for whatever the other role refuses"),
        ("custodian", [], "whoever holds an institution's keys must not decide what is stored, agreed on or certified"),
        ("validator", [], "who votes on what happened must not be the party that it happened at"),
    ]
}
