internal import CanonicalBytes
internal import Certificates
package import Contracts
package import IBTP
package import Ledger

/// Who did something: a party by its name, or a pseudonym by its certificate's digest.
package enum AuditActor: Sendable, Hashable {
    /// `organization:role:name`.
    case party(String)
    /// 32 bytes.
    case pseudonym([UInt8])
    /// Transactions that prove themselves.
    case nobody

    init(_ transaction: Transaction) {
        switch transaction.authorization {
        case .identity(let bytes, _):
            // It stands in a block, so it was a certificate.
            let certificate = try? ImplicitCertificate(bytes: bytes)
            self = certificate.map { .party($0.fields.subject) } ?? .nobody
        case .pseudonym: self = .pseudonym(transaction.body.signer)
        case .none: self = .nobody
        }
    }

    package var text: String {
        switch self {
        case .party(let name): name
        case .pseudonym(let digest): "pseudonym \(digest.hex)"
        case .nobody: "nobody"
        }
    }
}

/// One thing that happened with somebody's data, as the chain has it.
package struct AuditEntry: Sendable, Hashable {
    package enum Action: Sendable, Hashable {
        case asked
        /// The contract refused it with this code, or an owner did: 0.
        case denied(code: UInt16)
        case permitted(Permission.Kind)
        case permissionRevoked
        case granted
        case grantRevoked
        /// Handed over: envelopes of one list.
        case delivered(count: UInt32)
        case acknowledged(AcknowledgeDelivery.Outcome)
        case refused(SharingStep, code: String)
        case faulted(FaultKind, accused: String)
        case consented(ConsentMode)
        case consentWithdrawn
        case offered(to: String)
        case offerWithdrawn
        case holderNamed(String)
        /// Scopes are of a label from now on.
        case labelled
        case emergency(EmergencyReason)
        case policySet
        case policyWithdrawn
        case traceOrdered
        case traceAnswered
        /// Somebody here asks a service of another chain for data; what for is sealed.
        case askedAcross(to: String)
        /// How that ended, as the relay chain told: success brings the permission that the other chain gave.
        case exchangeClosed(TransactionStatus)
        /// Another chain tells that data were delivered there.
        case deliveryTold
        /// Somebody of another chain asks for data of this one.
        case exchangeReceived
        /// This chain told the other one how that ended.
        case exchangeAnswered
        /// The relay chain has undone it, and with it the permission, where there was one.
        case exchangeUndone
    }

    package internal(set) var action: Action
    /// Time of the block, milliseconds since 1970.
    package let time: UInt64
    package let channel: Channel
    package let height: UInt64
    /// The transaction's identifier, 32 bytes.
    package let transaction: [UInt8]
    package internal(set) var actor: AuditActor
    /// Whose data; empty where nothing says it.
    package var organization = ""
    /// Of a consent about a label the label's digest.
    package var scopes: [[UInt8]] = []
    package var purpose = ""
    package var policy: [UInt8] = []
    /// A patient's offer: what was offered or withdrawn, and what a permission stands on with all that follows from it.
    package var offer: [UInt8] = []
    package var request: [UInt8] = []
    package var permission: [UInt8] = []
    package var grant: [UInt8] = []
    package var delivery: [UInt8] = []
    /// Digest of the certificate that gets, or wants, the data.
    package var receiver: [UInt8] = []
    /// Of what goes between chains, `from-to-index`.
    package var exchange = ""
}
