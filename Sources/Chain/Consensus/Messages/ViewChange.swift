internal import CanonicalBytes

/// A replica's word that it has left all lower views, with what the next leader must know
/// (Castro and Liskov, OSDI 1999, section 4.4).
package struct ViewChange: Hashable, Sendable {
    package let epoch: CommitteeEpoch
    /// The view that the replica wants to enter.
    package let view: View
    /// The replica's last committed block: with a certificate for every block, each one is a stable checkpoint.
    package let stable: StablePoint
    /// The highest-view certificate for each height above the stable one at which the replica has prepared,
    /// ascending by height.
    package let prepared: [PreparedCertificate]
    package let replica: ReplicaID
    package let signature: [UInt8]

    package init(
        epoch: CommitteeEpoch,
        view: View,
        stable: StablePoint,
        prepared: [PreparedCertificate],
        replica: ReplicaID,
        signature: [UInt8]
    ) {
        self.epoch = epoch
        self.view = view
        self.stable = stable
        self.prepared = prepared
        self.replica = replica
        self.signature = signature
    }

    /// Signs an account of what was prepared.
    package init(
        epoch: CommitteeEpoch,
        view: View,
        stable: StablePoint,
        prepared: [PreparedCertificate],
        signingAs replica: ReplicaID,
        in chain: ChainContext,
        with signer: any ReplicaSigner
    ) {
        let body = Self.body(epoch, view, stable, prepared)
        self.init(
            epoch: epoch,
            view: view,
            stable: stable,
            prepared: prepared,
            replica: replica,
            signature: signer.sign(chain.signedBytes(.viewChange, body: body))
        )
    }

    var body: [UInt8] { Self.body(self.epoch, self.view, self.stable, self.prepared) }

    private static func body(
        _ epoch: CommitteeEpoch,
        _ view: View,
        _ stable: StablePoint,
        _ prepared: [PreparedCertificate]
    ) -> [UInt8] {
        var writer = CanonicalWriter(capacity: 256 + prepared.count * 512)
        writer.u64(epoch)
        writer.u64(view)
        stable.hash.write(to: &writer)
        writer.u8(stable.certificate == nil ? 0 : 1)
        stable.certificate?.write(to: &writer)
        writer.u16(UInt16(prepared.count))
        for certificate in prepared { certificate.write(to: &writer) }
        return writer.bytes
    }

    func write(to writer: inout CanonicalWriter) {
        writer.raw(self.body)
        writer.u16(self.replica.number)
        writer.lengthPrefixed(self.signature)
    }

    init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.epoch = try reader.u64()
        self.view = try reader.u64()
        self.stable = try StablePoint(from: &reader)
        let count = Int(try reader.u16())
        try require(count <= 1_024, .format, "\(count) prepared certificates")
        var prepared: [PreparedCertificate] = []
        for _ in 0..<count { prepared.append(try PreparedCertificate(from: &reader)) }
        self.prepared = prepared
        self.replica = try reader.replica()
        self.signature = try reader.lengthPrefixed()
    }
}

extension StablePoint {
    init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        let hash = try reader.blockHash()
        switch try reader.u8() {
        case 0: self.init(genesis: hash)
        case 1:
            let certificate = try QuorumCertificate(from: &reader)
            try require(certificate.block == hash, .format, "a stable point unlike its certificate")
            self.init(certificate: certificate)
        default: throw ProtocolFailure(.format, "neither a genesis nor a certified block")
        }
    }
}
