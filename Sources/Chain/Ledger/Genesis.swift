package import CanonicalBytes
package import Certificates
package import Consensus
internal import Transcripts

/// What everybody agrees on before the first block: the file `genesis.wlg`.
///
/// `"WLGN" || LP(chain) || u64 time || LP(committee) || u16 n × (u16 number || LP(party)) || u16 n × issuer
/// || u16 threshold || u16 n × LP(party) || u16 n × (LP(name) || u64 value)`: validators in the order of the committee,
/// governors and parameters ascending.
package struct Genesis: Hashable, Sendable {
    /// A validator's number in votes and its name in certificates.
    package struct Validator: Hashable, Sendable {
        package let id: ReplicaID
        package let name: PartyName

        package init(id: ReplicaID, name: PartyName) {
            self.id = id
            self.name = name
        }
    }

    /// 1 to 64 characters `A-Z a-z 0-9 _ . -`.
    package let chain: String
    /// Milliseconds since 1970: the time of block 0.
    package let time: UInt64
    package let committee: Committee
    package let validators: [Validator]
    package let issuers: [TrustedIssuer]
    /// The parties whose votes decide about the chain itself.
    package let governors: [PartyName]
    /// Votes that a proposal needs.
    package let governorThreshold: Int
    /// Ascending by name; what a contract does not find here has the contract's default.
    package let parameters: [(name: String, value: UInt64)]

    /// Checks and keeps everything.
    ///
    /// - Throws: `FORMAT` for names out of shape or order, `CONTEXT` for validators that are not the committee's,
    ///   `THRESHOLD` for a threshold that the governors cannot reach or that a minority reaches, `DUPLICATE`.
    package init(
        chain: String,
        time: UInt64,
        committee: Committee,
        validators: [Validator],
        issuers: [TrustedIssuer],
        governors: [PartyName],
        governorThreshold: Int,
        parameters: [(name: String, value: UInt64)]
    ) throws(ProtocolFailure) {
        try require(Self.isName(chain), .format, "a chain's name has 1 to 64 characters A-Z a-z 0-9 _ . -")
        try require(committee.epoch == 0, .context, "the first committee has epoch 0")
        try require(
            validators.map(\.id) == committee.members.map(\.id),
            .context,
            "other validators than the committee's"
        )
        try require(Set(validators.map(\.name)).count == validators.count, .duplicate, "a validator named twice")
        try require(!issuers.isEmpty, .format, "a chain needs an issuer of certificates")
        let issuerNames = issuers.map { [$0.kind.rawValue] + Array($0.issuer.name.utf8) }
        try require(Set(issuerNames).count == issuers.count, .duplicate, "two issuers of one kind and name")
        let keys = committee.members.flatMap { [$0.votingKey, $0.shareKey] }
        try require(Set(keys).count == keys.count, .duplicate, "two validators, or two uses, with one key")
        try Self.checkRanges(parameters)
        let governorTexts = governors.map { Array($0.description.utf8) }
        try require(isAscending(governorTexts), .format, "governors must be ascending and distinct")
        let isReachable = governorThreshold * 2 > governors.count && governorThreshold <= governors.count
        try require(isReachable, .threshold, "a threshold of more than half the governors and at most all")
        try require(isAscending(parameters.map { Array($0.name.utf8) }), .format, "parameters must be ascending")
        self.chain = chain
        self.time = time
        self.committee = committee
        self.validators = validators
        self.issuers = issuers
        self.governors = governors
        self.governorThreshold = governorThreshold
        self.parameters = parameters
    }

    /// Parameters of contracts are checked by the contracts.
    private static func checkRanges(_ parameters: [(name: String, value: UInt64)]) throws(ProtocolFailure) {
        for parameter in parameters {
            guard let known = ChainParameter(rawValue: parameter.name) else { continue }
            try require(
                known.range.contains(parameter.value),
                .format,
                "\(parameter.name) must be \(known.range.lowerBound) to \(known.range.upperBound)"
            )
        }
    }

    private static func isName(_ text: String) -> Bool {
        let allowed = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-".utf8)
        return (1...64).contains(text.utf8.count) && text.utf8.allSatisfy(allowed.contains)
    }

    package var bytes: [UInt8] {
        var writer = CanonicalWriter(capacity: 2_048)
        writer.magic("WLGN")
        writer.lengthPrefixed(self.chain)
        writer.u64(self.time)
        var inner = CanonicalWriter(capacity: 512)
        self.committee.write(to: &inner)
        writer.lengthPrefixed(inner.bytes)
        writer.u16(UInt16(self.validators.count))
        for validator in self.validators {
            writer.u16(validator.id.number)
            writer.lengthPrefixed(validator.name.description)
        }
        writer.u16(UInt16(self.issuers.count))
        for issuer in self.issuers { issuer.write(to: &writer) }
        writer.u16(UInt16(self.governorThreshold))
        writer.u16(UInt16(self.governors.count))
        for governor in self.governors { writer.lengthPrefixed(governor.description) }
        writer.u16(UInt16(self.parameters.count))
        for parameter in self.parameters {
            writer.lengthPrefixed(parameter.name)
            writer.u64(parameter.value)
        }
        return writer.bytes
    }

    /// - Throws: as the other initializer, and `FORMAT`.
    package init(bytes: [UInt8]) throws(ProtocolFailure) {
        var reader = CanonicalReader(bytes)
        try reader.magic("WLGN")
        let chain = try reader.text()
        let time = try reader.u64()
        var inner = CanonicalReader(try reader.lengthPrefixed())
        let committee = try Committee(from: &inner)
        try inner.finish()
        var validators: [Validator] = []
        for _ in 0..<(try reader.u16()) {
            validators.append(Validator(id: try reader.replica(), name: try reader.party()))
        }
        var issuers: [TrustedIssuer] = []
        for _ in 0..<(try reader.u16()) { issuers.append(try TrustedIssuer(from: &reader)) }
        let threshold = Int(try reader.u16())
        var governors: [PartyName] = []
        for _ in 0..<(try reader.u16()) { governors.append(try reader.party()) }
        var parameters: [(name: String, value: UInt64)] = []
        for _ in 0..<(try reader.u16()) {
            let name = try reader.text()
            parameters.append((name, try reader.u64()))
        }
        try reader.finish()
        try self.init(
            chain: chain,
            time: time,
            committee: committee,
            validators: validators,
            issuers: issuers,
            governors: governors,
            governorThreshold: threshold,
            parameters: parameters
        )
    }

    /// `H("GENESIS", bytes)`: told in every handshake, so that nodes of different chains never talk.
    package var digest: [UInt8] { TaggedHash.digest("GENESIS", self.bytes) }

    /// What signatures of a channel are bound to.
    package func context(of channel: Channel) -> ChainContext {
        ChainContext(chain: Array(self.chain.utf8), channel: channel.name)
    }

    /// The header of a channel's block 0, whose parent hash is the genesis digest; the state root is that of the state
    /// which the contracts make of this genesis.
    package func header(of channel: Channel, stateRoot: [UInt8]) -> BlockHeader {
        BlockHeader(
            chain: Array(self.chain.utf8),
            channel: channel,
            epoch: 0,
            height: 0,
            parent: BlockHash(self.digest) ?? .zero,
            transactionRoot: BlockTrees.root([]),
            receiptRoot: BlockTrees.root([]),
            stateRoot: stateRoot,
            validatorsRoot: CommitteeDigest.of(self.committee),
            evidenceRoot: BlockHeader.noRoot,
            time: self.time
        )
    }

    package static func == (left: Self, right: Self) -> Bool { left.bytes == right.bytes }

    package func hash(into hasher: inout Hasher) { hasher.combine(self.bytes) }
}

private func isAscending(_ texts: [[UInt8]]) -> Bool {
    zip(texts, texts.dropFirst()).allSatisfy { $0.lexicographicallyPrecedes($1) }
}

extension CanonicalReader {
    /// Takes the name of a party.
    package mutating func party() throws(ProtocolFailure) -> PartyName {
        let text = try self.text()
        guard let name = PartyName(text), name.description.utf8.elementsEqual(text.utf8) else {
            throw ProtocolFailure(.format, "not the name of a party")
        }
        return name
    }
}
