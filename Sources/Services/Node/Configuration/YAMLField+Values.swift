internal import StrictYAML

extension YAMLField {
    /// `host:port` or `[IPv6 address]:port`.
    func listenAddress() throws(YAMLProblem) -> (host: String, port: Int) {
        let text = try self.word()
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
            (1...65_535).contains(port)
        else { throw self.problem("must be host:port") }
        var host = String(text[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        guard !host.isEmpty, !host.contains("["), !host.contains(" ") else { throw self.problem("must be host:port") }
        return (host, port)
    }

    /// An address that begins with `https://` and names a host.
    func secureURL() throws(YAMLProblem) -> String {
        let text = try self.word()
        let scheme = "https://"
        guard text.hasPrefix(scheme), text.utf8.count > scheme.utf8.count, !text.contains(" ") else {
            throw self.problem("must be an address such as https://privacy-center.example:7402")
        }
        return text
    }

    /// A size such as `512MiB`, in bytes.
    func byteCount(in range: ClosedRange<Int>) throws(YAMLProblem) -> Int {
        let text = try self.word()
        for (suffix, shift) in [("KiB", 10), ("MiB", 20), ("GiB", 30), ("B", 0)] where text.hasSuffix(suffix) {
            guard let count = Int(text.dropLast(suffix.count)), count > 0, count <= range.upperBound >> shift,
                range.contains(count << shift)
            else { break }
            return count << shift
        }
        throw self.problem("must be a size such as 4MiB, from \(range.lowerBound)B to \(range.upperBound)B")
    }
}
