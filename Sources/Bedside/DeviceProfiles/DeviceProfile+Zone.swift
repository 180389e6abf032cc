package import Records

extension DeviceProfile {
    /// The zone of times that the device writes without one; nil when its profile gives none.
    package var zone: TimeZoneRules? { self.time?.zone ?? self.messageTime?.zone }
}

extension TimeZoneRules {
    /// The zone for people: its name, its offset at a moment, and whether it has daylight saving within the year after it.
    ///
    /// - Parameter seconds: since 1970 UTC.
    /// - Returns: such as `Europe/Rome (+01:00, daylight saving: also +02:00)`.
    package func text(at seconds: Int64) -> String {
        let offsets = (0..<13).map { self.offsetMinutes(atUTC: seconds + Int64($0) * 28 * 86_400) }
        let offset = Self.text(offsets[0])
        guard let other = offsets.first(where: { $0 != offsets[0] }) else { return "\(self.name) (\(offset))" }
        return "\(self.name) (\(offset), daylight saving: also \(Self.text(other)))"
    }

    private static func text(_ minutes: Int) -> String {
        let (hours, rest) = abs(minutes).quotientAndRemainder(dividingBy: 60)
        let digits = { (number: Int) in number < 10 ? "0\(number)" : "\(number)" }
        return "\(minutes < 0 ? "-" : "+")\(digits(hours)):\(digits(rest))"
    }
}
