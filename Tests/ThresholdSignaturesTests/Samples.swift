import CanonicalBytes
import FiniteFields
import SecretSharing
import Testing

@testable import ThresholdSignatures

let message = Array("message".utf8)

func keys(_ count: Int) -> [BLSKeyPair] { (0..<count).map { _ in .generate() } }

/// The code of the failure; nil when there was none.
func code(_ operation: () throws -> Void) -> ProtocolFailure.Code? {
    do {
        try operation()
        return nil
    } catch let failure as ProtocolFailure {
        return failure.code
    } catch {
        Issue.record(error)
        return nil
    }
}

/// A copy in which one bit is the other way round.
func flipped(_ bytes: [UInt8], bit: Int) -> [UInt8] {
    var copy = bytes
    copy[bit / 8] ^= 1 << UInt8(bit % 8)
    return copy
}

/// All members of a key generation, as if every broadcast reached everybody.
struct Generation {
    let threshold: Int
    let count: UInt16
    private(set) var members: [KeyGeneration]

    init(
        threshold: Int,
        count: UInt16,
        purpose: KeyGeneration.Purpose = .newKey,
        session: [UInt8] = [1]
    ) throws {
        self.threshold = threshold
        self.count = count
        self.members = try (1...count).map {
            try KeyGeneration(
                session: session,
                purpose: purpose,
                threshold: threshold,
                memberCount: count,
                member: $0
            )
        }
    }

    /// Deals to all; a dealer's share for a member may be replaced, or left out by nil.
    mutating func deal(
        _ dealing: Dealing,
        from dealer: UInt16,
        share: (UInt16, Fr) -> Fr? = { $1 }
    ) throws {
        for index in self.members.indices {
            let member = UInt16(index + 1)
            try self.members[index].receive(dealing.deal, from: dealer)
            guard let sent = share(member, dealing.share(of: member)) else { continue }
            try? self.members[index].receive(share: sent, from: dealer)
        }
    }

    mutating func complain(_ complaint: KeyGeneration.Complaint) throws {
        for index in self.members.indices { try self.members[index].receive(complaint) }
    }

    /// Broadcasts everybody's complaints.
    mutating func complain() throws -> [KeyGeneration.Complaint] {
        let complaints = self.members.flatMap(\.complaints)
        for complaint in complaints { try self.complain(complaint) }
        return complaints
    }

    /// Broadcasts an answer.
    ///
    /// - Returns: what the members say of it.
    mutating func answer(_ share: Fr, to complaint: KeyGeneration.Complaint) -> Set<ProtocolFailure.Code?> {
        var verdicts: Set<ProtocolFailure.Code?> = []
        for index in self.members.indices {
            var member = self.members[index]
            verdicts.insert(code { try member.receive(answer: share, to: complaint) })
            self.members[index] = member
        }
        return verdicts
    }

    func outcomes() throws -> [KeyGeneration.Outcome] { try self.members.map { try $0.outcome() } }

    static func dealing(_ threshold: Int, _ dealer: UInt16, session: [UInt8] = [1]) throws -> Dealing {
        try Dealing(SharingPolynomial(secret: .random(), threshold: threshold), session: session, dealer: dealer)
    }

    /// A run in which all behave.
    static func honest(threshold: Int, count: UInt16) throws -> [KeyGeneration.Outcome] {
        var generation = try Generation(threshold: threshold, count: count)
        for dealer in 1...count { try generation.deal(self.dealing(threshold, dealer), from: dealer) }
        return try generation.outcomes()
    }
}

extension [KeyGeneration.Outcome] {
    /// The group's signature by the members with these numbers.
    func sign(_ message: [UInt8], by numbers: [UInt16]) throws -> BLSSignature {
        let parts = try numbers.map { (member: $0, signature: try self[Int($0) - 1].share.sign(message).encoded) }
        return try JointKey.combine(parts, threshold: self[0].jointKey.threshold)
    }
}
