import CanonicalBytes
import Certificates
import ChainReading
import Contracts
import Credentials
import IBTP
import Ledger
import P256Group
import Records
import Signcryption
import Synchronization
import Testing
import Transcripts

@testable import Requesting

@Suite("Shares over another chain") struct AcrossTests {
    @Test("a request goes sealed over the home chain, is filed in the requester's name, and the share goes on as ever")
    func wholeWay() async throws {
        try await AcrossScene.with { across in
            try across.scene.anchor([#"{"resourceType":"Observation","id":"a"}"#])
            across.steps.withLock { $0 = [{ try across.deliver() }, { try across.file() }] }
            let folder = try across.folder()
            #expect(try await across.ask(folder, patience: 60_000) == nil)
            let exchange = "hub:labs:share-hub:wards:share-1"
            let progress = across.progress.withLock { $0 }
            guard case .routed(let routes)? = progress.first else { throw ProtocolFailure(.context, "no route told") }
            #expect(routes.hasPrefix("hub (credibility unknown x unknown") && routes.hasSuffix(", the only one"))
            #expect(
                Array(progress.dropFirst()) == [
                    .sealed(to: Scene.ownerName), .called(exchange: exchange), .delivered(exchange: exchange), .filed,
                ]
            )
            let message = try #require(try across.messages().first)
            #expect(message.timeoutHeight == 5)
            let extra = try #require(try message.relayExtension)
            #expect(extra.certificate == across.researcher.certificate.bytes)
            let filed = try #require(across.data.calls("access", "request").first)
            let access = try filed.arguments(RequestAccess.self)
            #expect(extra.expiry == access.expires / 1_000 + 3_600)
            let asker = Digest.sha256(of: across.researcher.certificate.bytes).bytes
            #expect(
                extra.shareRequest
                    == ShareRequest.digest(access, by: across.researcher.certificate.digest, asker: asker)
            )
            try across.scene.permit(folder)
            try across.scene.grant(folder, to: across.researcher)
            #expect(try await across.scene.fetch(folder, by: across.researcher).isComplete)
            #expect(across.scene.check(folder).isComplete)
        }
    }

    @Test("an account of another chain asks in its own name alone, and is bound into the digest; killed, it asks once")
    func account() async throws {
        for breaks in [AcrossScene.Line.Break.none, .after] {
            try await AcrossScene.with { across in
                let folder = try across.folder()
                let account = try AcrossScene.Account(breaks: breaks)
                for _ in 0..<3 {
                    let trouble = try #require(try await across.ask(folder, by: account))
                    #expect(trouble.isWaiting)
                }
                let asked = account.asked.withLock { $0 }
                try #require(asked.count == 1)
                #expect(asked[0].timeout == 5 && asked[0].target.to == "hub:wards:share")
                let extra = try RelayExtension(bytes: asked[0].target.extra)
                // Gateways would learn under which pseudonym the account's owner asks.
                #expect(extra.certificate == nil)
                let filed = try across.file(asked[0].target)
                let access = try filed.arguments(RequestAccess.self)
                let digest = ShareRequest.digest(
                    access,
                    by: across.researcher.certificate.digest,
                    asker: ShareRequest.asker(of: account.service, certificate: nil)
                )
                #expect(extra.shareRequest == digest)
                #expect(try await across.ask(folder, by: account) == nil)
                var status = try ShareStatus(folder)
                try await status.read(over: .account(account), data: across.data)
                #expect(status.scopes.first?.exchange?.stage == .called)
                account.outcome.withLock { $0 = .success }
                try await status.read(over: .account(account), data: across.data)
                #expect(status.scopes.first?.exchange?.stage == .success)
            }
        }
    }

    @Test("who asks is the certificate on a chain of this software, and the account on another")
    func askers() throws {
        let (one, other) = (try AcrossScene.Account("a").service, try AcrossScene.Account("b").service)
        let share = try ServiceID("hub:labs:share")
        let certificate: [UInt8] = [1, 2, 3]
        #expect(ShareRequest.asker(of: share, certificate: certificate) == Digest.sha256(of: certificate).bytes)
        #expect(ShareRequest.asker(of: share, certificate: nil) == [UInt8](repeating: 0, count: 32))
        #expect(ShareRequest.asker(of: one, certificate: certificate) == ShareRequest.asker(of: one, certificate: nil))
        #expect(ShareRequest.asker(of: one, certificate: nil) != ShareRequest.asker(of: other, certificate: nil))
    }

    @Test("while it is on its way the same command waits for the same exchange")
    func underway() async throws {
        try await AcrossScene.with { across in
            let folder = try across.folder()
            for _ in 0..<3 {
                let trouble = try #require(try await across.ask(folder))
                #expect(trouble.code == "exchange-underway" && trouble.isWaiting)
            }
            #expect(try across.messages().count == 1)
            #expect(try await self.stage(folder, across) == .called)
            try across.deliver()
            #expect(try await self.stage(folder, across) == .delivered)
            try across.file()
            #expect(try await across.ask(folder) == nil)
            #expect(try across.messages().count == 1)
            try across.close(.success)
            #expect(try await self.stage(folder, across) == .success)
        }
    }

    private func stage(_ folder: ShareFolder, _ across: AcrossScene) async throws -> ExchangeStage? {
        var status = try ShareStatus(folder)
        try await status.read(home: across.home, data: across.data)
        return status.scopes.first?.exchange?.stage
    }

    @Test(
        "a command that is killed around the call opens one exchange, however late it goes on",
        arguments: [AcrossScene.Line.Break.before, .after],
        [UInt64(0), 300_000]
    )
    func killed(breaks: AcrossScene.Line.Break, pause: UInt64) async throws {
        try await AcrossScene.with { across in
            let folder = try across.folder()
            await #expect(throws: CancellationError.self) { try await across.ask(folder, breaks: breaks) }
            #expect(try ShareStatus(folder).scopes.first?.exchange?.stage == .sealed)
            across.wait(pause)
            #expect(try await across.ask(folder)?.code == "exchange-underway")
            #expect(try across.messages().count == 1)
            try across.file()
            #expect(try await across.ask(folder) == nil)
        }
    }

    @Test("a command that is killed while it waits goes on with the same exchange")
    func killedWaiting() async throws {
        try await AcrossScene.with { across in
            let folder = try across.folder()
            across.steps.withLock { $0 = [{ throw CancellationError() }] }
            await #expect(throws: CancellationError.self) { try await across.ask(folder, patience: 60_000) }
            try across.file()
            #expect(try await across.ask(folder) == nil)
            #expect(try across.messages().count == 1)
        }
    }

    @Test("a request that was not filed in its time is sent once more, in another exchange")
    func again() async throws {
        try await AcrossScene.with { across in
            let folder = try across.folder()
            try await across.ask(folder)
            across.wait(3_400_000)
            #expect(try await across.ask(folder)?.code == "exchange-underway")
            #expect(try across.messages().count == 1)
            across.wait(400_000)
            #expect(try await across.ask(folder)?.code == "exchange-underway")
            let messages = try across.messages()
            #expect(messages.count == 2)
            // Both are about the same request: whichever is answered, the answer is true.
            #expect(
                try messages.map { try $0.relayExtension?.shareRequest }.first
                    == messages.map { try $0.relayExtension?.shareRequest }.last
            )
            try across.file()
            #expect(try await across.ask(folder) == nil)
        }
    }

    @Test(
        "an exchange that comes to nothing ends the request, and says what to do",
        arguments: [
            (TransactionStatus.failure, "exchange-failed"), (.beginFailure, "exchange-undone"),
            (.beginRollback, "exchange-undone"), (.rollback, "exchange-undone"),
        ]
    )
    func nothing(status: TransactionStatus, code: String) async throws {
        try await AcrossScene.with { across in
            let folder = try across.folder()
            try await across.ask(folder)
            try across.close(status)
            let trouble = try #require(try await across.ask(folder))
            #expect(trouble.code == code && !trouble.isWaiting && trouble.advice.contains("request"))
            let notes = try ShareStatus(folder).scopes.first?.steps.first
            #expect(notes?.state == .failed && notes?.code == code)
        }
    }

    @Test("what the data's chain rejects has that chain's word")
    func rejectedThere() async throws {
        try await AcrossScene.with { across in
            let folder = try across.folder()
            let entry = try #require(try folder.record().scopes.first)
            let access = RequestAccess(
                request: try #require([UInt8](hex: entry.request)),
                scope: across.scene.descriptor.digest,
                policy: [UInt8](repeating: 0, count: 32),
                organization: "ward",
                purpose: "research",
                nonce: [UInt8](repeating: 1, count: 32),
                expires: across.data.now + 100_000_000_000
            )
            across.steps.withLock { $0 = [{ try across.file() }] }
            let error = await #expect(throws: ChainSubmissionError.self) {
                try await across.carried(folder, patience: 60_000).submit(access)
            }
            #expect(error?.code == 305)
        }
    }

    @Test("a relay chain that is silent for long holds requests up, and a fresh header lets them go")
    func frozen() async throws {
        try await AcrossScene.with { across in
            across.wait(90_000_000)
            let folder = try across.folder()
            let trouble = try #require(try await across.ask(folder))
            #expect(trouble.code == "relay-frozen" && trouble.isWaiting)
            try AcrossScene.connect(across.home, as: "labs")
            #expect(try await across.ask(folder)?.code == "exchange-underway")
            #expect(try across.messages().count == 1)
        }
    }

    @Test("a requester whom the data's chain does not know hears so before anything is sent")
    func foreignIssuer() async throws {
        try await AcrossScene.with { across in
            let stranger = try SceneChain(name: "elsewhere").pseudonym()
            let folder = try across.folder(by: stranger)
            let trouble = try #require(try await across.ask(folder, by: stranger))
            #expect(trouble.code == "issuer-not-trusted" && !trouble.isWaiting)
            #expect(across.home.calls("interchain", "call").isEmpty)
        }
    }

    @Test("a chain that is connected to no relay chain, or to another one, is told")
    func connections() async throws {
        try await AcrossScene.with { across in
            across.data.put(InterchainLink(hub: "other", name: "wards", height: 1).bytes, at: InterchainKey.link)
            #expect(try await across.ask(across.folder("one"))?.code == "another-hub")
            across.data.put(InterchainLink(hub: "hub", name: "labs", height: 1).bytes, at: InterchainKey.link)
            #expect(try await across.ask(across.folder("two"))?.code == "another-hub")
            let alone = try SceneChain(name: "alone")
            let parties = across.scene.parties()
            let folder = try across.folder("three")
            let carried = CarriedRequests(
                folder,
                receiver: across.researcher,
                home: HomeChain(chain: alone, line: AcrossScene.Line(chain: alone, breaks: .none)),
                parties: parties,
                settings: .init()
            )
            let asker = AccessAsker(parties: parties.asking(over: carried), receiver: across.researcher)
            #expect(try await asker.ask(folder).first?.trouble.code == "not-connected")
        }
    }

    @Test("only requests go over other chains")
    func others() async throws {
        try await AcrossScene.with { across in
            let carried = across.carried(try across.folder())
            let error = await #expect(throws: ShareTrouble.self) {
                try await carried.submit(DenyAccess(request: [UInt8](repeating: 1, count: 32)))
            }
            #expect(error?.code == "not-across-chains")
        }
    }

    // MARK: - The custodian's certificate

    @Test("it is sealed to the certificate that the custodian signed with last, or to one that was given")
    func newestCertificate() async throws {
        try await AcrossScene.with { across in
            let rotated = try across.data.key(Scene.ownerName)
            let given = try await across.certificates().key(given: rotated.certificate.bytes, of: "ward")
            #expect(given.digest == rotated.certificate.digest)
            let writers = SetScopeWriters(
                scope: across.scene.descriptor.digest,
                epoch: SceneChain.epoch,
                isSingleControl: true,
                writers: [.party(try #require(PartyName(Scene.gatewayName)))]
            )
            #expect(try across.data.call(writers, by: rotated).receipt.code == 0)
            #expect(try await across.certificate() == rotated.certificate.digest)
        }
    }

    @Test("a revoked certificate, another role's and another organization's are not sealed to")
    func unusable() async throws {
        try await AcrossScene.with { across in
            let owner = across.scene.owner.certificate
            for (name, organization) in [("ward:gateway:x", "ward"), ("east:custodian:x", "ward")] {
                let bytes = try across.data.key(name).certificate.bytes
                let error = await #expect(throws: ShareTrouble.self) {
                    try await across.certificates().key(given: bytes, of: organization)
                }
                #expect(error?.code == "custodian-unknown")
            }
            let key = StateKey.revocation(of: owner.digest, by: across.data.authority.issuer.name)
            across.data.put([UInt8](repeating: 0, count: 8), at: key)
            #expect(try await across.ask(try across.folder())?.code == "custodian-unknown")
        }
    }
}

extension AcrossScene {
    func certificates() -> CustodianCertificates {
        CustodianCertificates(chain: self.data, issuers: self.data.genesis.issuers, clock: { self.data.now })
    }

    func certificate() async throws -> [UInt8] {
        try await self.certificates().key(for: self.scene.descriptor.digest, of: "ward", dataset: nil).digest
    }
}
