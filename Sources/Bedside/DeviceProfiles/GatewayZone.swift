internal import FoundationEssentials
internal import Records

extension TimeZoneRules {
    /// The gateway's own zone, as Debian configures it: `TZ`, else `/etc/timezone`, else UTC.
    static func gateway() throws(TimeZoneError) -> TimeZoneRules {
        if let name = ProcessInfo.processInfo.environment["TZ"], !name.isEmpty { return try TimeZoneRules(name) }
        let text = FileManager.default.contents(atPath: "/etc/timezone").map { String(decoding: $0, as: UTF8.self) }
        let name = text.flatMap { $0.split(whereSeparator: \.isWhitespace).first.map(String.init) }
        return try TimeZoneRules(name ?? "utc")
    }
}
