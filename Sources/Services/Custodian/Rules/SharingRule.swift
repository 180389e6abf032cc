/// What a permission rests on, in the words of `rules.yaml`.
package enum ShareKind: String, Sendable, CaseIterable, Codable {
    /// A steward's decision, or a request that waits for one.
    case decided
    /// A proof of the scope's policy, without anybody's decision.
    case proven
    /// A patient's own offer; no rule applies to it.
    case offered
    /// A clinician's break-glass.
    case emergency
}

/// What happens to what a rule matches.
package enum SharingAction: String, Sendable, CaseIterable, Codable {
    /// The grant is made at once.
    case grant
    /// Stewards decide.
    case queue
    /// It is refused at once.
    case refuse
}

/// One rule of `rules.yaml`.
package struct SharingRule: Sendable, Equatable {
    package let name: String
    /// Of scope labels; empty: any.
    let scopes: [WildcardPattern]
    /// Of purpose codes; empty: any.
    let purposes: [WildcardPattern]
    /// Empty: every kind but an emergency.
    let kinds: [ShareKind]
    package let action: SharingAction
    /// Different stewards that must agree, for ``SharingAction/queue``.
    package let approvals: Int
    /// Days from the grant to its end at most; nil: as long as the permission.
    package let daysMax: UInt64?

    func matches(label: String, purpose: String, kind: ShareKind) -> Bool {
        // A rule for everything must neither stop nor delay an emergency by accident: it names the kind, or is not meant.
        guard self.kinds.isEmpty ? kind != .emergency : self.kinds.contains(kind) else { return false }
        return (self.scopes.isEmpty || self.scopes.contains { $0.matches(label) })
            && (self.purposes.isEmpty || self.purposes.contains { $0.matches(purpose) })
    }
}

/// What the rules say about one permission or request.
package struct RuleDecision: Sendable, Equatable {
    /// The rule's name, or of what stands in its place.
    package let rule: String
    package let action: SharingAction
    package let approvals: Int
    package let daysMax: UInt64?
}

/// A text with `*` for any run of characters, also none.
struct WildcardPattern: Sendable, Equatable {
    let text: String

    func matches(_ text: String) -> Bool {
        let (pattern, text) = (Array(self.text.utf8), Array(text.utf8))
        // Only the last star is ever gone back to, so that the time is bounded by the product of the lengths.
        var (p, t) = (0, 0)
        var star: (pattern: Int, text: Int)?
        while t < text.count {
            if p < pattern.count, pattern[p] == UInt8(ascii: "*") {
                star = (p, t)
                p += 1
            } else if p < pattern.count, pattern[p] == text[t] {
                p += 1
                t += 1
            } else if let last = star {
                star = (last.pattern, last.text + 1)
                p = last.pattern + 1
                t = last.text + 1
            } else {
                return false
            }
        }
        return pattern[p...].allSatisfy { $0 == UInt8(ascii: "*") }
    }

    static func == (left: Self, right: Self) -> Bool { left.text.utf8.elementsEqual(right.text.utf8) }
}
