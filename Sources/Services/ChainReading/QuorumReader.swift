internal import BLSCertificates
internal import Consensus
package import Ledger
package import Uplink

/// Reads the chain as a light client that a quorum of validators must answer.
///
/// Each answer is proven by a quorum certificate of a committee that follows from the genesis, so that no validator can
/// invent one. One alone could still show an old block, in which a permission was not revoked yet: the newest of a
/// quorum's answers counts, which at least one correct validator that voted for the last block is among.
package struct QuorumReader: ChainFacts {
    /// Reads one validator's newest proven value.
    typealias Reader = @Sendable (_ key: [UInt8], _ channel: Channel) async throws -> ChainFact

    private let readers: [Reader]
    private let needed: Int
    /// Milliseconds; 0 accepts any age.
    private let ageMax: UInt64
    /// Milliseconds since 1970.
    private let clock: @Sendable () -> UInt64

    /// - Parameters:
    ///   - validators: addresses of different validators, a quorum at least.
    ///   - genesis: of the chain.
    ///   - client: presents the party's identity.
    ///   - secondsMax: age of the newest block; 0 accepts any.
    ///   - clock: milliseconds since 1970.
    /// - Throws: `ProtocolFailure` for a genesis whose keys are of an unknown kind.
    package init(
        validators: [ServiceURL],
        genesis: Genesis,
        client: SecureClient,
        secondsMax: UInt64,
        clock: @escaping @Sendable () -> UInt64
    ) throws {
        // One for all: validators answer with the same few certificates.
        let scheme = RememberingScheme(try ChainSignatures.required(of: genesis.committee))
        self.init(
            validators.map { url in
                let client = ChainClient(validators: [url], genesis: genesis, scheme: scheme, client: client)
                return { key, channel in
                    let proof = try await client.value(of: key, on: channel)
                    return ChainFact(
                        value: proof.value,
                        time: proof.header.time,
                        height: proof.header.height,
                        head: CertifiedHead(header: proof.header, certificate: proof.certificate)
                    )
                }
            },
            needed: genesis.committee.quorum,
            secondsMax: secondsMax,
            clock: clock
        )
    }

    init(_ readers: [Reader], needed: Int, secondsMax: UInt64, clock: @escaping @Sendable () -> UInt64) {
        self.readers = readers
        self.needed = needed
        self.ageMax = secondsMax * 1_000
        self.clock = clock
    }

    package func fact(of key: [UInt8], on channel: Channel) async throws -> ChainFact {
        let facts = await self.answers(of: key, on: channel)
        guard facts.count >= self.needed, let newest = facts.max(by: { $0.height < $1.height }) else {
            throw ChainReadingError(
                .chainUnavailable,
                "\(facts.count) of \(self.needed) validators prove what the chain holds; try again later"
            )
        }
        let now = self.clock()
        guard self.ageMax == 0 || now <= newest.time || now - newest.time <= self.ageMax else {
            throw ChainReadingError(
                .chainUnavailable,
                "the chain's newest block is older than \(self.ageMax / 1_000) s; try again when it has made another"
            )
        }
        return newest
    }

    /// The proven answers, as soon as there are enough.
    private func answers(of key: [UInt8], on channel: Channel) async -> [ChainFact] {
        await withTaskGroup(of: ChainFact?.self) { group in
            for read in self.readers { group.addTask { try? await read(key, channel) } }
            var facts: [ChainFact] = []
            for await fact in group {
                if let fact { facts.append(fact) }
                guard facts.count < self.needed else {
                    group.cancelAll()
                    break
                }
            }
            return facts
        }
    }
}
