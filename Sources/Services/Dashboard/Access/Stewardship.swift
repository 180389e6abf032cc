package import Certificates

/// How somebody who signed in showed who she is.
package enum SignInMeans: String, Sendable {
    /// The certificate of the connection.
    case certificate
    /// A one-time token, which the operator of the service made for a name.
    case token
}

/// Under whose name a steward decides.
///
/// Two names under a decision stand for two persons. A name therefore comes from a certificate of the consortium, or from a
/// token for a party that the operator of the service listed as a steward before; never from what a browser sends, and
/// never from whoever makes tokens alone.
extension DashboardSettings {
    /// Why a token for somebody must sign nobody in.
    ///
    /// - Parameter bearer: as the token has it.
    /// - Returns: nil when it may.
    package func refusal(of bearer: TokenFolder.Bearer) -> String? {
        guard bearer.role == .steward else { return nil }
        guard let party = PartyName(bearer.name), party.description == bearer.name else {
            return "a steward is named as her certificate names her, organization:steward:name"
        }
        guard self.people[party] == .steward else {
            return
                "\(party) stands not under dashboard.people with the role steward; only the service's operator adds her"
        }
        return nil
    }
}

extension DashboardSession {
    /// The party under whose name this session decides; nil for whoever may not.
    package var steward: PartyName? {
        guard self.role.may(.decide), let party = PartyName(self.name), party.role == .steward else { return nil }
        return party
    }
}
