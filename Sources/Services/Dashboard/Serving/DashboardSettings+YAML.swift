internal import Certificates
package import StrictYAML

extension DashboardSettings {
    /// Where a dashboard listens unless the operator says otherwise.
    private static let usualPort = 7_480

    /// The section `dashboard` of a configuration.
    ///
    /// - Parameters:
    ///   - field: the section.
    ///   - identity: directory of the identity where the section names none; nil when it must.
    ///   - tokens: directory of the tokens where the section names none; nil when it must.
    /// - Throws: ``YAMLProblem``.
    package init(parsing field: YAMLField, identity: String?, tokens: String?) throws(YAMLProblem) {
        let map = try field.mapping(["listen", "identity", "directory", "people", "idle_minutes", "session_hours"])
        guard let identity = try map["identity"]?.word() ?? identity else { throw field.problem("needs identity") }
        guard let tokens = try map["directory"]?.word() ?? tokens else {
            throw field.problem("needs directory, where one-time tokens wait")
        }
        self.init(identityDirectory: identity, tokenDirectory: tokens)
        self.port = Self.usualPort
        if let listen = map["listen"] { (self.address, self.port) = try Self.address(listen) }
        for element in try map["people"]?.elements() ?? [] {
            let person = try element.mapping(["party", "role"])
            let name = try person.required("party")
            guard let party = PartyName(try name.word()) else {
                throw name.problem("must be a party's name, organization:role:name")
            }
            guard self.people[party] == nil else { throw name.problem("the party is there already") }
            let role = try person.required("role")
            self.people[party] = try role.choice(DashboardRole.self)
            guard self.people[party] != .steward || party.role == .steward else {
                throw role.problem("only a party of the role steward decides, organization:steward:name")
            }
        }
        if let minutes = try map["idle_minutes"]?.integer(in: 1...1_440) {
            self.sessions.idleSeconds = 60 * UInt64(minutes)
        }
        if let hours = try map["session_hours"]?.integer(in: 1...24) {
            self.sessions.wholeSeconds = 3_600 * UInt64(hours)
        }
    }

    private static func address(_ field: YAMLField) throws(YAMLProblem) -> (String, Int) {
        let text = try field.word()
        guard let colon = text.lastIndex(of: ":"), colon != text.startIndex,
            let port = Int(text[text.index(after: colon)...]), (1...65_535).contains(port)
        else { throw field.problem("must be host:port") }
        return (String(text[..<colon]), port)
    }
}
