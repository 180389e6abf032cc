package import Certificates

/// How a custodian shares: `sharing` in `node.yaml`.
package struct SharingConfiguration: Sendable, Hashable {
    /// `rules.yaml`; nil: stewards decide about everything.
    package var rulesFile: String?
    /// Privacy centers that must take part in opening an envelope; nil for all.
    package var threshold: Int?
    /// Whose attribute keys open index keys; nil: none are sealed.
    package var attributeAuthority: PartyName?
    /// Program and arguments that are run with the permission's identifier when a clinician takes emergency access;
    /// empty: none.
    package var notifyCommand: [String]

    package init(
        rulesFile: String? = nil,
        threshold: Int? = nil,
        attributeAuthority: PartyName? = nil,
        notifyCommand: [String] = []
    ) {
        self.rulesFile = rulesFile
        self.threshold = threshold
        self.attributeAuthority = attributeAuthority
        self.notifyCommand = notifyCommand
    }
}
