/// Words of those who refuse that no time and no further attempt heals.
enum FinalRefusals {
    private static let codes: Set<String> = [
        "permission-revoked", "permission-expired", "consent-forbids", "label-forbids", "grant-revoked",
        "grant-expired",
        "not-receiver", "another-scope", "another-policy", "certificate-revoked", "offer-withdrawn",
    ]

    static func contains(_ code: String) -> Bool { self.codes.contains(code) }

    /// The word that counts of several: a final one, else the first.
    static func decisive(of codes: [String]) -> String {
        codes.first { self.contains($0) } ?? codes.first { !$0.isEmpty } ?? ""
    }
}
