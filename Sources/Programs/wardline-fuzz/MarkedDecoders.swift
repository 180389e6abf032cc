import CanonicalBytes

/// Decoders of objects that begin with marks of their own.
struct MarkedDecoders: Sendable {
    typealias Read = @Sendable ([UInt8]) throws(ProtocolFailure) -> [UInt8]

    private let decoders: [(mark: [UInt8], read: Read)]

    /// - Parameter decoders: by their marks, at least one; what begins with none of them is the first one's.
    init(_ decoders: [(mark: String, read: Read)]) {
        self.decoders = decoders.map { (Array($0.mark.utf8), $0.read) }
    }

    /// What the object is encoded as again.
    ///
    /// - Throws: what its decoder throws.
    func read(_ bytes: [UInt8]) throws(ProtocolFailure) -> [UInt8] {
        guard let decoder = self.decoders.first(where: { bytes.starts(with: $0.mark) }) ?? self.decoders.first else {
            throw ProtocolFailure(.format, "nothing reads this")
        }
        return try decoder.read(bytes)
    }
}

extension Target {
    /// Decoders of objects with one encoding each, which their marks tell apart.
    static func marked(
        _ name: String,
        weight: Int,
        family: SeedFamily,
        _ decoders: [(mark: String, read: MarkedDecoders.Read)]
    ) -> Target {
        let decoders = MarkedDecoders(decoders)
        return Target.canonical(name, weight: weight, family: family) { (bytes) throws(ProtocolFailure) in
            try decoders.read(bytes)
        }
    }
}
