internal import Attesting
internal import CanonicalBytes
internal import PathProofs
internal import Synchronization
internal import ThresholdSignatures
internal import Uplink

/// The verification nodes of the chains, as far as addresses of them are known: collects their signatures.
final class AttesterPanel: Sendable {
    /// What became of asking the nodes of a list.
    struct Collected: Sendable {
        /// "WLQA"; nil while signatures are missing.
        let certificate: [UInt8]?
        /// Nodes with a seat that did not sign, with the reason, ascending.
        let missing: [String]
        /// Subgroups below their thresholds.
        let short: [String]
        /// Whether nodes say that the list is not, or not any more, that of the block.
        let isOutdated: Bool
    }

    /// Hops of which some signatures are kept.
    private static let partialMax = 1_024

    private struct State {
        var cards: [String: NodeCard] = [:]
        /// Signatures of a hop by its digest and the signer's key.
        var partial: [[UInt8]: [[UInt8]: [UInt8]]] = [:]
        /// What the last question to a node ended with; empty: it signed.
        var last: [String: String] = [:]
    }

    private let clients: [AttesterClient]
    private let state = Mutex(State())

    /// - Parameters:
    ///   - urls: addresses of nodes, of any chain.
    ///   - client: presents the gateway's identity.
    init(_ urls: [ServiceURL], client: SecureClient) {
        self.clients = urls.map { AttesterClient(base: $0, client: client) }
    }

    /// What the last question to each node ended with; empty for a signature, and before the first question.
    var answers: [(url: String, node: String?, trouble: String)] {
        self.state.withLock { state in
            self.clients.map { client in
                let url = client.base.description
                return (url, state.cards[url]?.node, state.last[url] ?? "")
            }
        }
    }

    /// Asks the nodes of a list until every subgroup has signed.
    ///
    /// - Parameters:
    ///   - question: with the hop.
    ///   - list: that certifies it.
    /// - Returns: the certificate, or who is missing.
    func collect(_ question: any HopAsking, by list: VerificationNodeList) async -> Collected {
        let message = question.record.signedBytes(of: question.path.message)
        await self.learnCards()
        let known = self.partial(question.record)
        let asked = self.seats(of: list).filter { known[$0.key] == nil }
        let outcomes = await withTaskGroup(of: (Seat, Result<[UInt8], UplinkFailure>).self) { group in
            for seat in asked {
                guard let client = seat.client else { continue }
                group.addTask { (seat, await Self.ask(client, question, seat, message)) }
            }
            var outcomes: [(Seat, Result<[UInt8], UplinkFailure>)] = []
            for await outcome in group { outcomes.append(outcome) }
            return outcomes
        }
        var signatures = known
        var missing = asked.filter { $0.client == nil }.map { "\($0.node): no address is configured" }
        var outdated = 0
        for (seat, outcome) in outcomes {
            switch outcome {
            case .success(let signature):
                signatures[seat.key] = signature
                self.note("", of: seat)
            case .failure(let failure):
                self.note("\(failure)", of: seat)
                missing.append("\(seat.node): \(failure)")
                if case .refused(_, let code, _, _) = failure, code == AttestRefusal.Reason.anotherList.rawValue {
                    outdated += 1
                }
            }
        }
        self.keep(signatures, of: question.record)
        let (certificate, short) = Self.certificate(signatures, by: list)
        if certificate != nil { self.forget(question.record) }
        let isOutdated = certificate == nil && outdated > 0 && outdated == missing.count
        return Collected(certificate: certificate, missing: missing.sorted(), short: short, isOutdated: isOutdated)
    }

    /// Asks the nodes of a list once, apart from what is kept and shown of them.
    ///
    /// - Parameters:
    ///   - question: with the hop.
    ///   - list: whose nodes are asked.
    /// - Returns: who signed, with signatures that hold, ascending by name.
    func signatures(
        of question: any HopAsking,
        by list: VerificationNodeList
    ) async -> [(node: String, signature: [UInt8])] {
        let message = question.record.signedBytes(of: question.path.message)
        let seats = self.seats(of: list)
        let outcomes = await withTaskGroup(of: (String, Result<[UInt8], UplinkFailure>).self) { group in
            for seat in seats {
                guard let client = seat.client else { continue }
                group.addTask { (seat.node, await Self.ask(client, question, seat, message)) }
            }
            var outcomes: [(String, Result<[UInt8], UplinkFailure>)] = []
            for await outcome in group { outcomes.append(outcome) }
            return outcomes
        }
        var signed: [(node: String, signature: [UInt8])] = []
        for (node, outcome) in outcomes {
            if case .success(let signature) = outcome { signed.append((node, signature)) }
        }
        return signed.sorted { $0.node.utf8.lexicographicallyPrecedes($1.node.utf8) }
    }

    /// Signatures of this hop are needed no more.
    func forget(_ record: HopRecord) { self.state.withLock { $0.partial[record.digest] = nil } }

    // MARK: - Nodes

    private struct Seat: Sendable {
        let node: String
        let key: [UInt8]
        let signer: BLSPublicKey
        let client: AttesterClient?
    }

    private func seats(of list: VerificationNodeList) -> [Seat] {
        let cards = self.state.withLock { $0.cards }
        return list.seats.flatMap { members in
            members.map { member in
                let key = member.keys.signature.encoded
                let client = self.clients.first { cards[$0.base.description]?.key == key }
                return Seat(node: member.name, key: key, signer: member.keys.signature, client: client)
            }
        }
    }

    /// Asks those who they are who were not reached yet; a key says whose signatures to expect of an address.
    private func learnCards() async {
        let known = self.state.withLock { Set($0.cards.keys) }
        let unknown = self.clients.filter { !known.contains($0.base.description) }
        guard !unknown.isEmpty else { return }
        let cards = await withTaskGroup(of: (String, Result<NodeCard, UplinkFailure>).self) { group in
            for client in unknown { group.addTask { (client.base.description, await Self.card(of: client)) } }
            var cards: [(String, Result<NodeCard, UplinkFailure>)] = []
            for await card in group { cards.append(card) }
            return cards
        }
        self.state.withLock { state in
            for (url, outcome) in cards {
                switch outcome {
                case .success(let card): state.cards[url] = card
                case .failure(let failure): state.last[url] = "\(failure)"
                }
            }
        }
    }

    private static func card(of client: AttesterClient) async -> Result<NodeCard, UplinkFailure> {
        do throws(UplinkFailure) {
            let bytes = try await client.node()
            do throws(ProtocolFailure) { return .success(try NodeCard(bytes: bytes)) } catch {
                return .failure(.malformed("no verification node answers there: \(error)"))
            }
        } catch { return .failure(error) }
    }

    private static func ask(
        _ client: AttesterClient,
        _ question: any HopAsking,
        _ seat: Seat,
        _ message: [UInt8]
    ) async -> Result<[UInt8], UplinkFailure> {
        do throws(UplinkFailure) {
            let signature = try await client.sign(question.bytes)
            do throws(ProtocolFailure) { try seat.signer.verify(signature, of: message) } catch {
                return .failure(.malformed("its signature does not hold: \(error)"))
            }
            return .success(signature)
        } catch { return .failure(error) }
    }

    // MARK: - Signatures

    private func partial(_ record: HopRecord) -> [[UInt8]: [UInt8]] {
        self.state.withLock { $0.partial[record.digest] ?? [:] }
    }

    private func keep(_ signatures: [[UInt8]: [UInt8]], of record: HopRecord) {
        self.state.withLock { state in
            if state.partial.count >= Self.partialMax { state.partial.removeAll() }
            state.partial[record.digest] = signatures
        }
    }

    /// Joins the signatures when they are enough: of every subgroup, and in all.
    private static func certificate(
        _ signatures: [[UInt8]: [UInt8]],
        by list: VerificationNodeList
    ) -> (certificate: [UInt8]?, short: [String]) {
        var signers: [[Int]] = []
        var joined: [[UInt8]] = []
        var short: [String] = []
        for (subgroup, members) in zip(list.policy.subgroups, list.seats) {
            var places: [Int] = []
            for (place, member) in members.enumerated() {
                guard let signature = signatures[member.keys.signature.encoded] else { continue }
                places.append(place)
                joined.append(signature)
            }
            signers.append(places)
            if places.count < Int(subgroup.threshold) {
                short.append("\(subgroup.name): \(places.count) of \(subgroup.threshold)")
            }
        }
        if joined.count < Int(list.policy.threshold) {
            short.append("in all: \(joined.count) of \(list.policy.threshold)")
        }
        guard short.isEmpty else { return (nil, short) }
        let certificate = try? BitmapCertificate(committee: list.committee, signers: signers, signatures: joined)
        return (certificate?.bytes, certificate == nil ? ["the signatures cannot be joined"] : [])
    }

    /// Notes for operators how a node answered.
    private func note(_ trouble: String, of seat: Seat) {
        guard let url = seat.client?.base.description else { return }
        self.state.withLock { $0.last[url] = trouble }
    }
}
