import Payloads

/// Sparkplug B, whose decoder remembers births.
enum SparkplugTargets {
    static let all: [Target] = [
        Target(name: "sparkplug", weight: 90, family: .sparkplug) { bench, payload, random in
            Self.conversation(bench, payload, &random)
        },
        Target(name: "sparkplug-topic", weight: 10, family: .topic) { _, payload, _ in
            do throws(DecodeFailure) {
                _ = try SparkplugTopic(payload)
                return .accepted
            } catch {
                return Workbench.verdict(error)
            }
        },
        Target(name: "sparkplug-births", weight: 20, family: .sparkplug) { bench, payload, random in
            Self.restored(bench, payload, &random)
        },
    ]

    private static let topics: [[UInt8]] = [
        "spBv1.0/g/NBIRTH/n", "spBv1.0/g/DBIRTH/n/d", "spBv1.0/g/NDATA/n", "spBv1.0/g/DDATA/n/d", "spBv1.0/g/NDEATH/n",
        "spBv1.0/g/DDEATH/n/d", "spBv1.0/h/DBIRTH/\u{E9}/x", "spBv1.0/h/DDATA/\u{E9}/x",
    ].map { Array($0.utf8) }

    /// One node with one device, born of the seeds.
    static func births() -> SparkplugBirths {
        var births = SparkplugBirths()
        var tree = PayloadTree()
        for (seed, topic) in zip(BinarySeeds.sparkplugBirths, Self.topics) {
            tree.reset()
            _ = try? Self.decode(seed, topic, &births, &tree)
        }
        births.markPersisted()
        return births
    }

    private static func decode(
        _ payload: [UInt8],
        _ topic: [UInt8],
        _ births: inout SparkplugBirths,
        _ tree: inout PayloadTree
    ) throws(DecodeFailure) {
        let topic = try SparkplugTopic(topic)
        let result: Result<Void, DecodeFailure> = payload.withUnsafeBytes { bytes in
            do throws(DecodeFailure) {
                return .success(try SparkplugDecoder.decode(bytes, topic: topic, births: &births, into: &tree))
            } catch { return .failure(error) }
        }
        try result.get()
    }

    /// The payload as some message, then a sound data message under whatever births there are now.
    private static func conversation(_ bench: Workbench, _ payload: [UInt8], _ random: inout Randomness) -> Verdict {
        var births = bench.births
        var topic = random.pick(Self.topics)
        if random.once(in: 16) { Mutator.mutate(&topic, with: random.pick(Self.topics), &random) }
        bench.trace?("topic \(String(decoding: topic, as: UTF8.self))")
        let verdict = bench.decode(payload) { (_, tree) throws(DecodeFailure) in
            try Self.decode(payload, topic, &births, &tree)
        }
        guard case .accepted = verdict else {
            if case .refused = verdict, births.changed { return .broken("a refused message changed the births") }
            return verdict
        }
        let next = bench.decode([]) { (_, tree) throws(DecodeFailure) in
            try Self.decode(BinarySeeds.sparkplugData[0], Self.topics[3], &births, &tree)
        }
        if case .broken = next { return next }
        return random.once(in: 4) ? Self.roundTrip(births) : .accepted
    }

    /// What is stored with the spool must come back whole.
    private static func roundTrip(_ births: SparkplugBirths) -> Verdict {
        let encoded = births.encoded()
        guard let restored = SparkplugBirths(encoded: encoded) else { return .broken("births that are not restored") }
        let same = restored.count == births.count && restored.encoded().count == encoded.count
        return same ? .accepted : .broken("births that are restored differently")
    }

    /// Stored births with damage: refused, or again something sound.
    private static func restored(_ bench: Workbench, _ payload: [UInt8], _ random: inout Randomness) -> Verdict {
        var births = bench.births
        var tree = PayloadTree()
        _ = try? Self.decode(payload, random.pick(Self.topics), &births, &tree)
        var encoded = births.encoded()
        Mutator.mutate(&encoded, with: payload, &random)
        guard let restored = SparkplugBirths(encoded: encoded) else { return .refused("damaged") }
        return Self.roundTrip(restored)
    }
}
