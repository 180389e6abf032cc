/// What a share takes, in the order of its steps.
package enum ShareStep: String, Sendable, Codable, CaseIterable {
    /// The request, or the acceptance of an offer, or the emergency access, in a block.
    case request
    case permission
    case attributeKey = "attribute-key"
    case indexKeys = "index-keys"
    /// The pages of the anchors, which say which envelopes there are.
    case pages
    case grant
    case identityKeys = "identity-keys"
    /// Envelopes with the centers' parts, opened.
    case delivery
    /// The data in the format that was asked for.
    case data
    case acknowledgement

    /// The steps of a share, in their order: without a policy the custodian hands over the index keys itself, after
    /// the grant, and no attribute key is needed.
    static func steps(of way: ShareRecord.Way) -> [ShareStep] {
        switch way {
        case .proof, .request: Self.allCases
        case .offer, .emergency:
            [
                .request, .permission, .grant, .indexKeys, .pages, .identityKeys, .delivery, .data,
                .acknowledgement,
            ]
        }
    }
}

/// Why a share does not go on.
package struct ShareTrouble: Error, Sendable, CustomStringConvertible {
    package let step: ShareStep
    /// Whether it may pass by itself or by somebody else's deed.
    package let isWaiting: Bool
    /// Stable word of whoever said no; empty when nobody did.
    package let code: String
    package let why: String

    package init(_ step: ShareStep, isWaiting: Bool, code: String = "", _ why: String) {
        self.step = step
        self.isWaiting = isWaiting
        self.code = code
        self.why = why
    }

    package var description: String {
        "\(self.step.rawValue) \(self.isWaiting ? "waits" : "failed"): \(self.why)"
            + (self.code.isEmpty ? "" : " (\(self.code))")
    }

    package var advice: String { Advice.text(for: self.code, at: self.step, isWaiting: self.isWaiting) }
}

/// How a step stands, as the folder remembers it.
package struct StepNote: Sendable, Codable, Hashable {
    package enum State: String, Sendable, Codable {
        case done
        case waiting
        case failed
        /// Not begun.
        case open
    }

    package var step: ShareStep
    package var state: State
    package var code = ""
    package var why = ""
    package var advice = ""
    /// Seconds since 1970.
    package var time: UInt64 = 0

    package init(step: ShareStep, state: State) {
        self.step = step
        self.state = state
    }
}
