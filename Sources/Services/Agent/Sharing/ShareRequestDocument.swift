internal import CanonicalBytes
internal import Ledger
package import Spool

/// A share request as programs read it.
package struct ShareRequestDocument: Encodable, Sendable {
    private let id: String
    private let sequence: Int64
    private let state: String
    private let method: String
    private let source: String
    private let acceptedMilliseconds: Int64
    private let validUntilMilliseconds: Int64
    private let submittedMilliseconds: Int64?
    private let settledMilliseconds: Int64?
    private let channel: String?
    private let height: UInt64?
    private let code: UInt16?
    private let codeName: String?
    private let reason: String?

    enum CodingKeys: String, CodingKey {
        case id, sequence, state, method, source, channel, height, code, reason
        case codeName = "code_name"
        case acceptedMilliseconds = "accepted_ms"
        case validUntilMilliseconds = "valid_until_ms"
        case submittedMilliseconds = "submitted_ms"
        case settledMilliseconds = "settled_ms"
    }

    package init(_ request: StoredShareRequest) {
        let isCommitted = request.state == .committed
        self.id = request.id.hex
        self.sequence = request.sequence
        self.state = request.state.rawValue
        self.method = request.method
        self.source = request.source.rawValue
        self.acceptedMilliseconds = request.accepted
        self.validUntilMilliseconds = request.validUntil
        self.submittedMilliseconds = request.handedIn
        self.settledMilliseconds = request.settled
        self.channel = Channel(rawValue: request.channel)?.name
        self.height = request.height
        self.code = request.code
        self.codeName = isCommitted ? (request.code == 0 ? "ok" : request.reason) : nil
        self.reason = isCommitted || request.reason.isEmpty ? nil : request.reason
    }
}
