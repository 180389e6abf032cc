package import Consensus

/// How the simulated validators sign.
package enum SignatureChoice: String, Sendable, CaseIterable {
    /// A keyed 64-bit hash: only whoever holds the key makes it, as far as the simulated adversary knows.
    case fast
    /// The real Ed25519 of production.
    case ed25519
}

/// The keys of everybody in a simulated consortium.
package struct KeyRing: Sendable {
    let choice: SignatureChoice

    package init(_ choice: SignatureChoice) { self.choice = choice }

    package var scheme: any SignatureScheme { self.choice == .fast ? FastScheme() : Ed25519Scheme() }

    package func signer(_ id: ReplicaID) -> any ReplicaSigner {
        if self.choice == .ed25519, let signer = Self.ed25519(id) { return signer }
        return FastSigner(id: id)
    }

    package func member(_ id: ReplicaID) -> Member {
        if self.choice == .ed25519, let signer = Self.ed25519(id) { return signer.member(id) }
        let key = [UInt8(id.number >> 8), UInt8(id.number & 255)]
        return Member(id: id, votingKey: key, shareKey: key)
    }

    // Everybody knows these seeds: they are for simulations.
    private static func ed25519(_ id: ReplicaID) -> Ed25519Signer? {
        let number = UInt8(truncatingIfNeeded: id.number)
        return Ed25519Signer(
            votingSeed: [UInt8](repeating: number, count: 31) + [1],
            shareSeed: [UInt8](repeating: number, count: 31) + [2]
        )
    }
}

/// Signatures of eight bytes, made with a secret number that only the signer object uses.
struct FastScheme: SignatureScheme {
    var certificateVersion: CertificateVersion { .ed25519MultiSignature }

    func accepts(keysOf member: Member) -> Bool { true }

    // As the aggregated certificates of production.
    var checksSharesJointly: Bool { true }

    func verify(_ signature: [UInt8], of bytes: [UInt8], by member: Member) -> Bool {
        signature == FastSigner(id: member.id).sign(bytes)
    }

    func verifyShare(_ share: [UInt8], of bytes: [UInt8], by member: Member) -> Bool {
        share == FastSigner(id: member.id).signShare(bytes)
    }

    func combine(_ shares: [[UInt8]]) -> [UInt8] { Array(shares.joined()) }

    func verifyCertificate(_ proof: [UInt8], of bytes: [UInt8], by members: [Member]) -> Bool {
        proof == members.flatMap { FastSigner(id: $0.id).signShare(bytes) }
    }
}

struct FastSigner: ReplicaSigner {
    let id: ReplicaID

    func sign(_ bytes: [UInt8]) -> [UInt8] { self.tag(bytes, 1) }

    func signShare(_ bytes: [UInt8]) -> [UInt8] { self.tag(bytes, 2) }

    private func tag(_ bytes: [UInt8], _ use: UInt64) -> [UInt8] {
        let state = fastHash(bytes, seed: mix(UInt64(self.id.number) &* 4 &+ use))
        return withUnsafeBytes(of: state.bigEndian) { Array($0) }
    }
}

/// A quick 64-bit hash; nobody in the simulation looks for collisions.
func fastHash(_ bytes: [UInt8], seed: UInt64) -> UInt64 {
    var state = seed ^ UInt64(bytes.count)
    bytes.withUnsafeBytes { buffer in
        var offset = 0
        while offset + 8 <= buffer.count {
            let word = buffer.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            let product = (state ^ word).multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
            state = product.high ^ product.low &+ 0xD6E8_FEB8_6659_FD93
            offset += 8
        }
        while offset < buffer.count {
            state = mix(state ^ UInt64(buffer[offset]))
            offset += 1
        }
    }
    return mix(state)
}
