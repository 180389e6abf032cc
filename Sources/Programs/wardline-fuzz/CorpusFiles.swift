import FoundationEssentials

/// Reads seeds from files: fixtures of tests and the example payloads of profiles.
extension Corpus {
    private static let fileBytesMax = 16_384

    /// Adds every file below a directory whose name says which format it has; in a fixed order.
    ///
    /// - Returns: how many files were added.
    mutating func add(directory: String) -> Int {
        var added = 0
        for path in Self.files(below: directory) {
            if path.contains("/vectors/"), let text = FileManager.default.contents(atPath: path) {
                let objects = SealedSeeds.find(in: Array(text))
                for seed in objects { self.add(seed, to: .sealed) }
                for seed in KeyFileSeeds.chosen(from: objects) { self.add(seed, to: .keyFiles) }
                added += 1
                continue
            }
            guard let family = Self.family(of: path), let data = FileManager.default.contents(atPath: path),
                !data.isEmpty
            else { continue }
            self.add(Array(data.prefix(Self.fileBytesMax)), to: family)
            added += 1
        }
        return added
    }

    private static func files(below directory: String) -> [String] {
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: directory) else { return [] }
        return names.sorted().flatMap { name -> [String] in
            let path = "\(directory)/\(name)"
            var isDirectory = false
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else { return [] }
            return isDirectory ? self.files(below: path) : [path]
        }
    }

    private static func family(of path: String) -> SeedFamily? {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        let isPayload = name.hasPrefix("payload")
        // Device contents and FHIR mappings as their vendor publishes them.
        if path.contains("/iomt-fhir/"), !path.contains("/payloads/"), name.hasSuffix(".json") { return .templates }
        switch name.split(separator: ".").last {
        case "json": return path.contains("senml") ? .senmlJSON : isPayload || !path.contains("testcases") ? .json : nil
        case "jsonl", "ndjson": return isPayload ? .jsonLines : nil
        case "cbor": return path.contains("senml") ? .senmlCBOR : .cbor
        case "senml": return .senmlJSON
        case "csv": return .delimited
        case "txt": return isPayload ? .scalar : nil
        case "lp", "line", "influx": return .lineProtocol
        case "hl7": return .hl7
        case "hex": return .hex
        case "b64", "base64": return .base64
        case "gz", "zlib", "deflate": return .compressed
        case "bin", "pb": return path.contains("sparkplug") ? .sparkplug : .gatt
        case "yaml": return name == "profile.yaml" ? .yaml : nil
        case "md": return name == "README.md" ? .readMes : nil
        default: return nil
        }
    }
}
