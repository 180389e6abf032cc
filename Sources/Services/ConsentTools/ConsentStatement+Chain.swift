internal import CanonicalBytes
internal import Certificates
package import Contracts

extension ConsentStatement {
    /// As the chain holds a consent; nil for what is none.
    package init?(_ consent: Consent) {
        let arguments = consent.arguments
        let (scopes, label): ([[UInt8]], [UInt8]?)
        switch arguments.subject {
        case .scopes(let named): (scopes, label) = (named, nil)
        case .label(let digest): (scopes, label) = ([], digest)
        }
        let rule: Rule
        switch arguments.mode {
        case .allow: rule = .allow(request: arguments.request == SetConsent.anyRequest ? nil : arguments.request)
        case .require: rule = .require
        case .forbid: rule = .forbid
        // Offers have records of their own.
        case .offer: return nil
        }
        self.init(
            id: arguments.consent,
            author: consent.author.description,
            rule: rule,
            scopes: scopes,
            purpose: arguments.purpose,
            stated: consent.time,
            validUntil: arguments.validUntil,
            withdrawn: consent.withdrawn == 0 ? nil : consent.withdrawn,
            label: label
        )
    }

    /// As the chain holds an offer.
    package init(_ offer: Offer) {
        let arguments = offer.arguments
        self.init(
            id: arguments.offer,
            author: offer.author.description,
            rule: .offer(to: Grantee(arguments.grantee), permissionSeconds: arguments.permissionSeconds),
            scopes: arguments.scopes,
            purpose: arguments.purpose,
            stated: offer.time,
            validUntil: arguments.validUntil,
            withdrawn: offer.withdrawn == 0 ? nil : offer.withdrawn
        )
    }

    /// The call that states it; nil for an offer.
    package var consent: SetConsent? {
        let mode: ConsentMode
        var request = SetConsent.anyRequest
        switch self.rule {
        case .allow(let named):
            mode = .allow
            request = named ?? request
        case .require: mode = .require
        case .forbid: mode = .forbid
        case .offer: return nil
        }
        return SetConsent(
            consent: self.id,
            mode: mode,
            subject: self.label.map { .label($0) } ?? .scopes(self.scopes),
            request: request,
            purpose: self.purpose,
            validUntil: self.validUntil
        )
    }

    /// The call that makes it; nil for what is no offer of scopes, or to nobody that there can be.
    package var offer: OfferAccess? {
        guard self.label == nil, case .offer(let to, let seconds) = self.rule, let grantee = Contracts.Grantee(to)
        else { return nil }
        return OfferAccess(
            offer: self.id,
            scopes: self.scopes,
            grantee: grantee,
            purpose: self.purpose,
            permissionSeconds: seconds,
            validUntil: self.validUntil
        )
    }
}

extension ConsentStatement.Grantee {
    init(_ grantee: Contracts.Grantee) {
        switch grantee {
        case .party(let name): self = .party(name.description)
        case .organization(let word): self = .organization(word)
        case .attribute(let text): self = .attribute(text)
        case .certificate(let digest): self = .certificate(digest)
        }
    }
}

extension Contracts.Grantee {
    fileprivate init?(_ grantee: ConsentStatement.Grantee) {
        switch grantee {
        case .party(let text):
            guard let name = PartyName(text) else { return nil }
            self = .party(name)
        case .organization(let word): self = .organization(word)
        case .attribute(let text): self = .attribute(text)
        case .certificate(let digest): self = .certificate(digest)
        }
    }
}
