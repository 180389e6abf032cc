import CanonicalBytes
import Certificates
import Ledger
import StateTree
import Testing

@testable import Contracts

/// A consortium in which north owns scope 7, its patient p1 holds it, and a pseudonym wants it.
struct ShareScene {
    let consortium: Consortium
    let receiver: Signer

    typealias Permitted = (permission: Permission, proof: TransactionProof)

    init() throws {
        self.consortium = try Consortium()
        self.receiver = try self.consortium.pseudonym("ada")
        try self.consortium.hold([7], by: "north:patient:p1")
        let list = SetScopeWriters(scope: id(7), epoch: 3_000, isSingleControl: false, writers: [])
        try self.consortium.call(list, by: "north:custodian:c1")
    }

    /// The permission of the last access block, with its proof.
    func permitted() throws -> Permitted {
        let block = try #require(self.consortium.access.blocks.last)
        let event = try #require(block.receipts[0].events.first { $0.topic == Permission.topic })
        return (try Permission(bytes: event.data), try block.proof())
    }

    /// Lets a steward permit a request of the receiver.
    func permit(_ byte: UInt8) throws -> Permitted {
        let now = self.consortium.access.now
        let request = RequestAccess(
            request: id(byte),
            scope: id(7),
            policy: id(8),
            organization: "north",
            purpose: "TREAT",
            nonce: id(9),
            expires: now + 10_000
        )
        try #require(try self.consortium.call(request, by: self.receiver) == 0)
        let permit = PermitAccess(request: id(byte), validUntil: now + 1_000_000)
        try #require(try self.consortium.call(permit, by: "north:steward:s1") == 0)
        return try self.permitted()
    }

    func grant(_ byte: UInt8, _ permitted: Permitted) -> RecordGrant {
        RecordGrant(
            grant: id(byte),
            scope: permitted.permission.scope,
            permission: permitted.permission.id,
            notBefore: Consortium.start,
            notAfter: permitted.permission.validUntil,
            proof: permitted.proof
        )
    }

    /// A permission and the grant on it.
    @discardableResult
    func share(_ byte: UInt8) throws -> Permission {
        let permitted = try self.permit(byte)
        try #require(try self.consortium.call(self.grant(byte, permitted), by: "north:custodian:c1") == 0)
        return permitted.permission
    }

    func delivery(_ list: UInt8, under grant: UInt8, to receiver: Signer? = nil) -> RecordDelivery {
        RecordDelivery(
            grant: id(grant),
            list: id(list),
            count: 1,
            receiver: (receiver ?? self.receiver).certificate.digest,
            parts: 1
        )
    }
}

/// Paths of a channel's newest state.
enum StateTreePath {
    static func of(_ key: [UInt8], in channel: TestChannel) throws -> StateProof {
        try StateTree.prove(key, in: channel.nodes)
    }
}
