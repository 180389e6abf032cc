package import BLS12381
package import CanonicalBytes
internal import Transcripts

/// What a reader of a proving key relies on.
package enum ProvingKeyTrust: Sendable {
    /// The digest of the bytes, which is known from a place that is trusted. Points are checked to be on the curve
    /// only: the subgroup checks were made by whoever determined the digest.
    case digest([UInt8])
    /// Nothing: every point is checked to be in its subgroup. That is some seconds of work, and says nothing about
    /// whether the key belongs to its circuit, which only the verification of the ceremony shows.
    case pointChecks
}

/// `"WLK1" || u8 form || R1CS digest (32) || u32 n_public || u32 n_variables || u8 k || LP(vk) || β || δ || A || B₁ || B₂
/// || L || H`, where lists follow without lengths, which n_public, n_variables and k determine.
extension ProvingKey {
    /// The key's bytes: compressed for exchange and storage, or twice as many, which are read much faster.
    ///
    /// - Throws: `IDENTITY` for a key whose β or δ is the identity.
    package func encoded(_ form: PointForm = .compressed) throws(ProtocolFailure) -> [UInt8] {
        var writer = CanonicalWriter()
        writer.magic("WLK1")
        writer.u8(form.rawValue)
        writer.raw(self.systemDigest)
        writer.u32(UInt32(self.publicInputs))
        writer.u32(UInt32(self.variables))
        writer.u8(UInt8((self.h.count + 1).trailingZeroBitCount))
        writer.lengthPrefixed(self.verificationKey.bytes)
        writer.raw(try self.beta.encoded())
        writer.raw(try self.delta.encoded())
        for list in [self.a, self.b1] { writer.raw(list.encoded(form)) }
        writer.raw(self.b2.encoded(form))
        for list in [self.l, self.h] { writer.raw(list.encoded(form)) }
        return writer.bytes
    }

    /// The digest that ``ProvingKeyTrust/digest(_:)`` compares.
    package static func digest(_ bytes: [UInt8]) -> [UInt8] { TaggedHash.digest("G16-PROVING-KEY", bytes) }

    /// Decodes a key.
    ///
    /// - Throws: `CONTEXT` for another digest than the trusted one; `FORMAT`, `POINT`, `IDENTITY` or `SUBGROUP` for
    ///   what is no key.
    package init(_ bytes: [UInt8], _ trust: ProvingKeyTrust) throws(ProtocolFailure) {
        var checks = PointChecks.inSubgroup
        if case .digest(let digest) = trust {
            try require(Self.digest(bytes) == digest, .context, "not the proving key of this digest")
            checks = .onCurve
        }
        var reader = CanonicalReader(bytes)
        try reader.magic("WLK1")
        guard let form = PointForm(rawValue: try reader.u8()) else {
            throw ProtocolFailure(.format, "an unknown form of points")
        }
        let systemDigest = try reader.take(32)
        let publicInputs = Int(try reader.u32())
        let variables = Int(try reader.u32())
        let logarithm = Int(try reader.u8())
        try require(logarithm <= QuadraticProgram.logarithmMax, .format, "a domain of 2^\(logarithm) rows")
        let verificationKey = try VerificationKey(reader.lengthPrefixed())
        try require(
            verificationKey.publicInputs == publicInputs && variables > publicInputs,
            .format,
            "a key of \(variables) variables and \(publicInputs) public inputs"
        )
        let beta = try G1Point(reader.take(G1Point.byteCount))
        let delta = try G1Point(reader.take(G1Point.byteCount))
        func list(_ count: Int) throws(ProtocolFailure) -> G1Points {
            try G1Points(reader.take(count * form.length * G1Point.byteCount), count: count, form, checks)
        }
        let a = try list(variables)
        let b1 = try list(variables)
        let b2 = try G2Points(
            reader.take(variables * form.length * G2Point.byteCount),
            count: variables,
            form,
            checks
        )
        let l = try list(variables - publicInputs - 1)
        let h = try list((1 << logarithm) - 1)
        try reader.finish()
        try self.init(
            verificationKey: verificationKey,
            systemDigest: systemDigest,
            beta: beta,
            delta: delta,
            a: a,
            b1: b1,
            b2: b2,
            l: l,
            h: h
        )
    }
}

extension PointForm {
    /// Coordinates that are written.
    fileprivate var length: Int { self == .compressed ? 1 : 2 }
}
