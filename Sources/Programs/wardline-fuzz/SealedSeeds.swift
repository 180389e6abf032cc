import Bundles
import CanonicalBytes
import IndexPages
import Signcryption

/// Sealed and signed objects to damage.
enum SealedSeeds {
    private static let mark = Array("574c".utf8)
    private static let digitsMax = 16_384

    /// Objects out of a test vector file: every hexadecimal text that starts with an object's mark.
    ///
    /// - Parameter text: JSON; it is searched, not parsed.
    /// - Returns: the decoded objects.
    static func find(in text: [UInt8]) -> [[UInt8]] {
        text.split(separator: UInt8(ascii: "\"")).compactMap { word in
            guard word.count <= self.digitsMax, word.starts(with: self.mark) else { return nil }
            return [UInt8](hex: String(decoding: word, as: UTF8.self))
        }
    }

    static let policies: [[UInt8]] = [
        "role:researcher and (purpose:study or 2 of (a:b, c:d, level >= 3)) and age < 65",
        "3 of (a:1, b:2, c:3, d:4)", "level = 65535 or level <= 0", "((a:b))",
    ].map { Array($0.utf8) }

    /// What no vector file holds.
    ///
    /// Readers look at no signature, so zeros stand for them: every run has the same seeds.
    static let builtIn: [[UInt8]] =
        [Self.revocationList, Self.receipt, Self.treeHead, Self.denial]
        + Self.evidence + Self.pages + Self.batches + Self.bundles

    private static let digest = [UInt8](repeating: 7, count: 32)
    private static let signature = [UInt8](repeating: 0, count: 64)

    static var revocationList: [UInt8] {
        var writer = CanonicalWriter()
        writer.magic("WLRL")
        writer.lengthPrefixed("north:authority:ca")
        for number: UInt64 in [3, 1_795_000_000, 1_795_600_000] { writer.u64(number) }
        writer.u32(2)
        writer.raw([UInt8](repeating: 5, count: 32) + self.digest + self.signature)
        return writer.bytes
    }

    private static var receipt: [UInt8] {
        var writer = CanonicalWriter()
        writer.magic("WLRC")
        writer.lengthPrefixed("north:privacy-center:cpc-1")
        writer.raw(self.digest + self.digest)
        for number: UInt64 in [1_795_000_000_000, 1, 3] { writer.u64(number) }
        writer.raw(self.digest + self.signature)
        writer.u16(2)
        writer.raw(self.digest + self.digest)
        return writer.bytes
    }

    private static var treeHead: [UInt8] {
        var writer = CanonicalWriter()
        writer.magic("WLTH")
        writer.lengthPrefixed("north:privacy-center:cpc-1")
        writer.raw(self.digest)
        writer.u64(3)
        writer.raw(self.digest)
        writer.u64(1_795_000_000_000)
        writer.raw(self.signature)
        return writer.bytes
    }

    private static var denial: [UInt8] {
        var writer = CanonicalWriter()
        writer.magic("WLDN")
        writer.lengthPrefixed("north:privacy-center:cpc-1")
        writer.raw(self.digest + self.digest)
        writer.u64(1_795_000_000_000)
        writer.raw(self.signature)
        return writer.bytes
    }

    /// Evidence of every kind, whose statements contradict nothing.
    private static var evidence: [[UInt8]] {
        let statements = [
            (self.receipt, self.treeHead), (self.receipt, self.receipt), (self.receipt, self.treeHead),
            (self.receipt, self.treeHead), (self.treeHead, self.treeHead), (self.receipt, self.denial),
        ]
        return zip(1...6 as ClosedRange<UInt8>, statements).map { kind, statements in
            var writer = CanonicalWriter()
            writer.magic("WLPF")
            writer.u8(kind)
            writer.lengthPrefixed(statements.0)
            writer.lengthPrefixed(statements.1)
            guard kind == 3 else { return writer.bytes }
            writer.raw(self.digest)
            writer.u16(2)
            writer.raw(self.digest + self.digest)
            return writer.bytes
        }
    }

    private static var pages: [[UInt8]] {
        let entries = [
            IndexPage.Entry(h1: self.digest, tags: []),
            IndexPage.Entry(
                h1: [UInt8](repeating: 8, count: 32),
                tags: [[1], [1, 0], [UInt8](repeating: 2, count: 64)]
            ),
        ]
        return [1, 2].compactMap { count in try? IndexPage(Array(entries.prefix(count))).bytes }
    }

    private static var batches: [[UInt8]] {
        let records = [
            EnvelopeRecord(id: "1", type: "t", time: 1, data: [1, 2, 3]),
            EnvelopeRecord(id: "", type: EnvelopeRecord.paddingType, time: 0, data: [0, 0]),
        ]
        return (try? RecordBatch.encode(records)).map { [$0] } ?? []
    }

    /// The padded form, and the encoding inside of the compression.
    private static var bundles: [[UInt8]] {
        guard let writer = try? BundleWriter() else { return [] }
        for number: UInt8 in 1...2 {
            writer.beginMessage(
                topic: Array("ward/1".utf8)[...],
                payload: [number],
                receivedNs: Int64(number),
                flags: [],
                profile: Bundle.Profile(id: "p", version: "1")
            )
            writer.add(observation: Array(#"{"id":"1"}"#.utf8)[...])
        }
        guard let data = try? writer.finish(), let bundle = try? Bundle(data: data) else { return [] }
        return [data, self.encoded(bundle)]
    }

    private static func encoded(_ bundle: Bundle) -> [UInt8] {
        var writer = CanonicalWriter()
        writer.magic("WLM1")
        writer.u16(UInt16(bundle.profiles.count))
        for profile in bundle.profiles {
            writer.lengthPrefixed(profile.id)
            writer.lengthPrefixed(profile.version)
        }
        writer.u32(UInt32(bundle.messages.count))
        for message in bundle.messages {
            writer.u64(UInt64(bitPattern: message.receivedNs))
            writer.u8(message.flags.rawValue)
            writer.u16(UInt16(message.profile))
            writer.lengthPrefixed(message.topic)
            writer.lengthPrefixed(message.payload)
        }
        writer.u32(UInt32(bundle.observations.count))
        for observation in bundle.observations {
            writer.u32(UInt32(observation.message))
            writer.lengthPrefixed(observation.json)
        }
        return writer.bytes
    }
}
