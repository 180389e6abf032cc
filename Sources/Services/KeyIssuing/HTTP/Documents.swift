internal import Foundation
internal import IdentityEncryption

// The JSON of the interface; `docs/openapi/key-issuing.json` describes it. Bytes are base64.

struct PlanDocument: Decodable, Sendable {
    let plan: Data
}

struct TranscriptDocument: Decodable, Sendable {
    let commitments: [Data]
    let steps: [Data]
}

struct GiveDocument: Decodable, Sendable {
    let round: UInt64
    let taker: UInt8
}

struct TakeDocument: Decodable, Sendable {
    let give: Data
    let factor: Data
}

struct ReadyDocument: Decodable, Sendable {
    let give: Data
    let take: Data
    let ready: [Data]

    func refresh() throws(IssuingRefusal) -> SignedRefresh {
        let statements = try parsed([[UInt8](self.give), [UInt8](self.take)])
        return SignedRefresh(give: statements[0], take: statements[1])
    }

    func statements() throws(IssuingRefusal) -> [PartyStatement] { try parsed(self.ready.map { [UInt8]($0) }) }
}

struct RefreshDocument: Encodable, Sendable {
    let give: Data
    let take: Data

    init(_ refresh: SignedRefresh) {
        self.give = Data(refresh.give.bytes)
        self.take = Data(refresh.take.bytes)
    }
}

struct StatementDocument: Encodable, Sendable {
    let statement: Data

    init(_ statement: PartyStatement) { self.statement = Data(statement.bytes) }
}

struct KeyDocument: Decodable, Sendable {
    let request: Data
    let steps: [Data]
    let round: UInt64
    let descriptor: Data
    let ownerCertificate: Data
    let sender: String

    enum CodingKeys: String, CodingKey {
        case request, steps, round, descriptor, sender
        case ownerCertificate = "owner_certificate"
    }

    func question() throws(IssuingRefusal) -> KeyQuestion {
        guard self.steps.count <= IssuingPlan.countMax else {
            throw .refused(.malformedBody, "more steps than a set can have parties")
        }
        return KeyQuestion(
            request: [UInt8](self.request),
            steps: self.steps.map { [UInt8]($0) },
            round: self.round,
            descriptor: [UInt8](self.descriptor),
            ownerCertificate: [UInt8](self.ownerCertificate),
            sender: self.sender
        )
    }
}

struct StepDocument: Encodable, Sendable {
    let step: Data
}
