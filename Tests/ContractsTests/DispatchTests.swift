import CanonicalBytes
import Certificates
import Consensus
import Ledger
import StateTree
import Testing

@testable import Contracts

@Suite("Dispatch") struct DispatchTests {
    let consortium: Consortium

    init() throws { self.consortium = try Consortium() }

    private func body(_ contract: String, _ method: String, _ arguments: [UInt8] = []) throws -> UInt16 {
        let signer = try self.consortium.party("north:gateway:g1")
        let body = TransactionBody(
            chain: Consortium.chain,
            channel: .access,
            signer: signer.certificate.digest,
            nonce: self.consortium.access.header.height,
            validUntil: self.consortium.access.now,
            contract: contract,
            method: method,
            arguments: arguments
        )
        return try self.consortium.access.commit([signer.sign(body)]).receipts[0].code
    }

    @Test("an unknown contract or method, another channel's method and malformed arguments have codes of their own")
    func codes() throws {
        let cases: [(String, String, [UInt8], RejectionCode)] = [
            ("nothing", "register", [], .unknownContract), ("registry", "nothing", [], .unknownMethod),
            ("index", "wrap", [], .wrongChannel), ("registry", "register", [0], .malformedArguments),
            ("access", "request", [1, 2], .malformedArguments),
        ]
        for (contract, method, arguments, expected) in cases {
            #expect(try self.body(contract, method, arguments) == expected.number)
        }
    }

    @Test("every rejection has a number of its own in its contract's hundred")
    func numbers() {
        let contracts: [(ClosedRange<UInt16>, [RejectionCode])] = [
            (
                101...107,
                [
                    .notActive, .badCitation, .citesSomethingElse, .followedAlready, .committeeNotFollowed,
                    .citationOutdated, .nothingNew,
                ]
            ),
            (
                201...209,
                [
                    .registeredAlready, .notRegistered, .listNotSigned, .listOutdated, .listTooLong,
                    .foreignCertificate, .rootKnown, .rootEpoch, .attributeKeyKnown,
                ]
            ),
            (
                301...330,
                [
                    .requestExists, .noSuchRequest, .requestDecided, .requestExpired, .accessTimeOutOfRange,
                    .consentForbids, .consentRequired, .noSuchPermission, .permissionRevokedAlready, .consentExists,
                    .noSuchConsent, .consentWithdrawnAlready, .tooManyConsents, .notTheHolder, .holderKnown,
                    .offerExists, .noSuchOffer, .offerWithdrawn, .offerExpired, .notTheGrantee, .scopeNotOffered,
                    .offerAcceptedAlready, .traceExists, .noSuchTrace, .traceAnsweredAlready, .tooManyAnswers,
                    .labelForbids, .labelConsentRequired, .labelKnown, .anotherLabel,
                ]
            ),
            (
                401...418,
                [
                    .notAGovernor, .noSuchProposal, .proposalClosed, .proposalExpired, .votedAlready,
                    .notTheProposer, .proposalTimeOutOfRange, .unknownParameter, .valueOutOfRange, .validatorNames,
                    .validatorNumberUsed, .validatorKeyShared, .issuerKnown, .issuerUnknown, .lastAuthority,
                    .notToBePutOff, .governorsOutOfOrder, .tooManyIssuers,
                ]
            ),
            (
                501...514,
                [
                    .anotherGateway, .anchoredAlready, .windowReused, .writerNotListed, .scopeEpoch,
                    .scopeUnlisted, .createdInFuture, .notTheOwner, .epochFixed, .scopeUnknown, .wrapKnown,
                    .datasetExists, .noSuchDataset, .datasetWithdrawnAlready,
                ]
            ),
            (
                601...618,
                [
                    .anotherPermission, .permissionExpired, .permissionRevoked, .permissionUsed,
                    .notTheDataOwner, .grantTimeOutOfRange, .grantExists, .noSuchGrant, .grantRevoked,
                    .grantNotValidNow, .anotherReceiver, .deliveryExists, .noSuchDelivery, .acknowledgedAlready,
                    .consentObjects, .refusalKnown, .faultKnown, .tooManyFaults,
                ]
            ),
            (701...702, [.notEvidence, .recordedAlready]),
            (901...926, Array(RejectionCode.interchainCodes.prefix(26))),
            (940...948, Array(RejectionCode.interchainCodes.dropFirst(26).prefix(9))),
            (950...967, Array(RejectionCode.interchainCodes.dropFirst(35))),
            (1_001...1_031, Array(RejectionCode.relayCodes.prefix(31))),
        ]
        for (range, codes) in contracts { #expect(codes.map(\.number) == Array(range)) }
    }

    @Test("the genesis state of each channel is ascending, complete and the same on every replica")
    func genesisState() throws {
        let contracts = ConsortiumContracts(scheme: Ed25519Scheme())
        for channel in Channel.allCases {
            let changes = contracts.genesisState(of: channel, self.consortium.genesis)
            let isAscending = zip(changes, changes.dropFirst()).allSatisfy { $0.key.lexicographicallyPrecedes($1.key) }
            #expect(isAscending && changes.allSatisfy { $0.value != nil })
            #expect(
                changes
                    == ConsortiumContracts(scheme: Ed25519Scheme()).genesisState(of: channel, self.consortium.genesis)
            )
            let keys = Set(changes.map(\.key))
            #expect(keys.contains(StateKey.committee(0)) && keys.contains(StateKey.validator(ReplicaID(4))))
            #expect(keys.contains(StateKey.issuer(.pseudonymAuthority, "pca")))
            #expect(keys.contains(GovernanceKey.governors) == (channel == .access))
        }
    }

    @Test("a transaction of an earlier block or of the same block is refused by its nonce")
    func replay() throws {
        let access = self.consortium.access
        let transaction = try self.consortium.transaction(
            Register(),
            by: self.consortium.party("north:gateway:g1"),
            on: access
        )
        let twice = try access.build([transaction, transaction])
        #expect(twice.0?.block.transactions.count == 1 && twice.1.map(\.1) == [.replayed])
        try access.commit([transaction])
        #expect(try access.build([transaction]).1.map(\.1) == [.replayed])
    }

    @Test("a rejected transaction writes nothing but its nonce")
    func rollBack() throws {
        let access = self.consortium.access
        let consent = SetConsent(consent: id(1), mode: .allow, subject: .scopes([id(1), id(2)]), validUntil: .max)
        try self.consortium.hold([1, 2], by: "north:patient:p1")
        let before = access.values.values
        let most = UInt8(ScopeConsents.countOfAuthorMax)
        let stated = (0..<most).map {
            SetConsent(consent: id(10 + $0), mode: .allow, subject: .scopes([id(2)]), validUntil: .max)
        }
        for arguments in stated { try self.consortium.call(arguments, by: "north:patient:p1") }
        // The first scope has room, the second has none.
        let code = try self.consortium.call(consent, by: "north:patient:p1")
        #expect(code == RejectionCode.tooManyConsents.number)
        #expect(access.values.values[AccessKey.consents(of: id(1), "north")] == nil)
        let added = access.values.values.count - before.count
        #expect(added == Int(most) + 1 + 1)
    }
}
