internal import CanonicalBytes
internal import ChainReading
internal import Contracts
internal import IBTP
internal import Ledger

/// How far an exchange is, as both chains show it.
package enum ExchangeStage: String, Sendable, Codable, CaseIterable {
    /// The transactions are signed; the home chain has none of them yet.
    case sealed
    /// The home chain has opened the exchange; it is on its way over the relay chain.
    case called
    /// The data's chain has it, and has not answered.
    case delivered
    /// The home chain knows that the request was permitted.
    case success
    /// The home chain knows that it was denied, not filed, or over before anybody decided.
    case failed
    /// Its time was over on the relay chain, or it could not begin there: nothing is left of it.
    case undone

    /// - Throws: what keeps a chain from being read.
    static func read(
        _ id: MessageID,
        home: any RequesterChain,
        data: any RequesterChain
    ) async throws -> ExchangeStage {
        if let bytes = try await home.fact(of: InterchainKey.call(id), on: .access).value {
            switch try OpenedCall(bytes: bytes).status {
            case .begin: break
            case .success: return .success
            case .failure: return .failed
            case .beginFailure, .beginRollback, .rollback: return .undone
            }
        }
        return try await data.fact(of: InterchainKey.asked(id), on: .access).value == nil ? .called : .delivered
    }

    /// For people.
    package var text: String {
        switch self {
        case .sealed: "signed and sealed, and not sent yet"
        case .called: "gateways carry it to the data's chain"
        case .delivered: "the data's chain has it; the request is filed and decided there"
        case .success: "it was permitted, and both chains know"
        case .failed: "it came to nothing, and both chains know"
        case .undone: "the relay chain has undone it"
        }
    }

    /// What the requester can do; empty when nothing is to be done.
    package var advice: String {
        switch self {
        case .sealed: "give the command again"
        case .called: "give the command again later; if it stays so, ask whoever runs the gateways"
        case .delivered: "give the command again later; if it stays so, ask the data's organization"
        case .success: ""
        case .failed: Advice.text(for: "exchange-failed", at: .request, isWaiting: false)
        case .undone: Advice.text(for: "exchange-undone", at: .request, isWaiting: false)
        }
    }

    /// Why a request that is not filed will not be.
    var trouble: ShareTrouble? {
        switch self {
        case .sealed, .called, .delivered, .success: nil
        case .failed: ShareTrouble(.request, isWaiting: false, code: "exchange-failed", "the exchange came to nothing")
        case .undone:
            ShareTrouble(.request, isWaiting: false, code: "exchange-undone", "the relay chain has undone the exchange")
        }
    }
}

/// Where the exchange of one scope's request stands.
package struct ExchangeStatus: Sendable, Codable, Hashable {
    /// `from-to-index`; nil before the home chain gave it.
    package let id: String?
    package let destination: String
    package internal(set) var stage: ExchangeStage
    package internal(set) var text: String
    package internal(set) var advice: String

    init(_ record: CarriedRecord) {
        self.id = record.exchange
        self.destination = record.destination
        self.stage = record.exchange == nil ? .sealed : .called
        self.text = self.stage.text
        self.advice = self.stage.advice
    }

    mutating func move(to stage: ExchangeStage) {
        self.stage = stage
        self.text = stage.text
        self.advice = stage.advice
    }
}

extension ShareStatus {
    /// Adds what both chains say of the exchanges that brought the requests.
    ///
    /// - Parameters:
    ///   - home: the requester's own chain.
    ///   - data: the share's chain.
    /// - Throws: what keeps a chain from being read.
    package mutating func read(home: any RequesterChain, data: any RequesterChain) async throws {
        for place in self.scopes.indices {
            guard let id = self.scopes[place].exchange?.id.flatMap({ try? MessageID($0) }) else { continue }
            self.scopes[place].exchange?.move(to: try await ExchangeStage.read(id, home: home, data: data))
        }
    }
}
