/// What to do about a refusal, in the words of those who are refused.
package enum Advice {
    /// - Parameters:
    ///   - code: stable word of a contract or server; empty for none.
    ///   - step: what was refused.
    ///   - isWaiting: whether it may pass.
    /// - Returns: a sentence.
    package static func text(for code: String, at step: ShareStep, isWaiting: Bool) -> String {
        if let known = self.byCode[code] { return known }
        if isWaiting { return self.whileWaiting(step) }
        switch step {
        case .request: return "make another request; the folder of this one can be removed"
        case .permission: return "ask the data's organization, then make another request"
        case .attributeKey: return "ask the attribute authority; the code says what it misses"
        case .indexKeys, .pages: return "ask the custodian: the index does not open"
        case .grant: return "ask the custodian; its refusal stands on the chain"
        case .identityKeys: return "ask the party that is named; the others did their part"
        case .delivery: return "give the command again when more privacy centers answer truthfully"
        case .data: return "free space or choose another output, then give the command again"
        case .acknowledgement: return "give the command again; the data are complete"
        }
    }

    private static func whileWaiting(_ step: ShareStep) -> String {
        switch step {
        case .request, .acknowledgement: "give the command again when validators answer"
        case .permission: "a steward of the data's organization decides; give `wardline share fetch` again later"
        case .grant: "the custodian decides; give `wardline share fetch` again later"
        default: "give the command again; what is done is kept"
        }
    }

    /// Words of the contracts and of the servers.
    private static let byCode: [String: String] = [
        "consent-forbids": "the patient forbids it; only the patient can change that",
        "consent-required": "the patient's consent is needed: ask the data's organization to obtain it",
        "label-forbids": "the patient forbids it for all data of this kind; only the patient can change that",
        "label-consent-required":
            "the patient's consent is needed for all data of this kind: ask the data's organization to obtain it",
        "permission-expired": "the permission is over: make another request",
        "permission-revoked": "the permission was revoked: ask the data's organization before another request",
        "request-denied": "a steward or a rule of the data's organization denied it: ask there before another request",
        "refused-by-rule": "the rules of the data's organization allow no such share: ask there before another request",
        "denied-by-steward": "a steward refused it: ask the data's organization before another request",
        "request-expired": "nobody decided in time: make another request",
        "no-policy": "the scope has no policy: request without --credential, and a steward decides",
        "another-policy": "the policy changed: make another request",
        "another-circuit": "the policy names another circuit: get its proving key, then make another request",
        "root-unknown": "the tree of credentials moved on: make another request",
        "root-revoked": "a credential was revoked meanwhile: make another request",
        "root-too-old": "the proof is of an old tree of credentials: make another request",
        "nym-used": "other requests of the epoch took the slot each time: make another request",
        "slot-beyond-limit": "all requests of this epoch are used: wait for the next epoch",
        "not-the-epoch": "the epoch ended meanwhile: make another request",
        "proof-wrong": "the proof does not hold: check the proving key, and that the credential is complete",
        "certificate-revoked": "the certificate is revoked: take another pseudonym or ask the authority",
        "sender-not-listed": "the gateway does not write to this scope: tell the custodian",
        "another-scope": "the permission is for other data: make a request for this scope",
        "index-keys-pending": "the custodian is collecting the index keys; give the command again in a moment",
        "false-index-key": "ask the custodian: what it handed over does not open with this share's key",
        "grant-pending": "the custodian decides; give `wardline share fetch` again later",
        "grant-revoked": "the owner took the grant back: ask the custodian",
        "grant-expired": "the time of the grant is over: make another request",
        "no-such-offer": "the offer is gone: its author withdrew it or its time is over",
        "not-the-grantee": "the offer is for somebody else: use the identity or pseudonym that it names",
        "chain-unavailable": "too few validators answer; give the command again later",
        "exchange-underway": "give `wardline share fetch` again later; `wardline share status` shows where it is",
        "exchange-failed": "the data's chain did not file the request in time: make another one",
        "exchange-undone": "its time on the relay chain was over: make another request, with more --timeout-blocks",
        "custodian-unknown": "get the custodian's certificate, and name it with --custodian-certificate",
        "issuer-not-trusted": "the data's alliance has to accept this one's issuers, in its chain's genesis",
        "not-connected": "governors of that chain connect it to the relay chain first",
        "no-route":
            "ask with lower bounds (--route-credibility, --route-silence), or wait until gateways show newer headers",
        "relay-frozen": "governors of the home chain have to look at the relay chain; then give the command again",
        "attributes-missing": "the certificate lacks attributes that the policy asks for: enroll with them",
        "not-the-holder": "the pseudonym's key did not sign this: use the folder's own wallet",
    ]
}
