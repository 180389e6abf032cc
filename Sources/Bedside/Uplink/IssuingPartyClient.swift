internal import Foundation

/// Talks to one of the parties that issue identity keys jointly; everything it returns is as it came.
package struct IssuingPartyClient: Sendable {
    /// One set of parameters as a party tells of it.
    package struct SetStatus: Sendable, Hashable, Codable {
        package let epoch: UInt64
        package let place: Int
        /// `new`, `committed`, `stepped`, `endorsed` or `complete`.
        package let stage: String
        /// Refreshes so far; nil before the setup is complete.
        package let round: UInt64?
        /// Digest of the public key in hexadecimal digits; nil before the setup is complete.
        package let key: String?
        /// Whether a refresh waits to be finished.
        package let refreshing: Bool

        package init(epoch: UInt64, place: Int, stage: String, round: UInt64?, key: String?, refreshing: Bool) {
            self.epoch = epoch
            self.place = place
            self.stage = stage
            self.round = round
            self.key = key
            self.refreshing = refreshing
        }
    }

    /// What a party is asked for a step of an issuing.
    package struct KeyQuestion: Sendable {
        /// "WLI1".
        package let request: [UInt8]
        /// `E(D_0)` and so on, of the parties before.
        package var steps: [[UInt8]]
        package let round: UInt64
        /// "WLS1" of the scope that the permission is for.
        package let descriptor: [UInt8]
        package let ownerCertificate: [UInt8]
        /// The name of the gateway that seals the data.
        package let sender: String

        package init(
            request: [UInt8],
            steps: [[UInt8]] = [],
            round: UInt64,
            descriptor: [UInt8],
            ownerCertificate: [UInt8],
            sender: String
        ) {
            self.request = request
            self.steps = steps
            self.round = round
            self.descriptor = descriptor
            self.ownerCertificate = ownerCertificate
            self.sender = sender
        }
    }

    private static let fileBytesMax = 4 << 20

    private let base: ServiceURL
    private let client: SecureClient
    private let set: String

    /// - Parameters:
    ///   - base: of the party.
    ///   - epoch: which parameters.
    ///   - client: lets in the roles `kgc` and `privacy-center`.
    package init(base: ServiceURL, epoch: UInt64, client: SecureClient) {
        self.base = base
        self.client = client
        self.set = "/v1/parameters/\(epoch)"
    }

    // MARK: - What anybody may know

    /// The party's own certificate.
    package func certificate() async throws(UplinkFailure) -> [UInt8] {
        try await self.client.send(.get, self.base.appending("/v1/certificate"), bytesMax: 64 << 10)
    }

    /// The complete parameters, "WLY1".
    package func parameters() async throws(UplinkFailure) -> [UInt8] {
        try await self.client.send(.get, self.base.appending(self.set), bytesMax: Self.fileBytesMax)
    }

    /// Where the party stands with this set.
    package func status() async throws(UplinkFailure) -> SetStatus {
        let answer = try await self.client.send(.get, self.base.appending(self.set + "/status"), bytesMax: 64 << 10)
        return try Self.decode(SetStatus.self, answer)
    }

    // MARK: - Setup

    /// The party's commitment under a plan.
    package func commitment(plan: [UInt8]) async throws(UplinkFailure) -> [UInt8] {
        try await self.statement("/commitment", Plan(plan: Data(plan)))
    }

    /// The party's step after those before it.
    package func step(commitments: [[UInt8]], steps: [[UInt8]]) async throws(UplinkFailure) -> [UInt8] {
        try await self.statement("/step", SetupBody(commitments, steps))
    }

    /// The party's word that it verified and keeps everything.
    package func endorsement(commitments: [[UInt8]], steps: [[UInt8]]) async throws(UplinkFailure) -> [UInt8] {
        try await self.statement("/endorsement", SetupBody(commitments, steps))
    }

    /// Hands the complete parameters over.
    package func complete(_ file: [UInt8]) async throws(UplinkFailure) {
        _ = try await self.client.send(.put, self.base.appending(self.set), body: file)
    }

    // MARK: - Refresh

    /// Has the party give a factor to another one.
    ///
    /// - Returns: what both published.
    package func give(round: UInt64, to taker: UInt8) async throws(UplinkFailure) -> (give: [UInt8], take: [UInt8]) {
        try await self.refresh("/refresh/give", GiveBody(round: round, taker: taker))
    }

    /// Takes a factor, encrypted to the party; from the giver alone.
    package func take(give: [UInt8], factor: [UInt8]) async throws(UplinkFailure) -> [UInt8] {
        try await self.statement("/refresh/take", TakeBody(give: Data(give), factor: Data(factor)))
    }

    /// The refresh that the party is ready to finish; nil when there is none.
    package func pendingRefresh() async throws(UplinkFailure) -> (give: [UInt8], take: [UInt8])? {
        do throws(UplinkFailure) {
            let answer = try await self.client.send(
                .get,
                self.base.appending(self.set + "/refresh"),
                bytesMax: 64 << 10
            )
            let body = try Self.decode(RefreshBody.self, answer)
            return ([UInt8](body.give), [UInt8](body.take))
        } catch .refused(404, "no-refresh", _, _) { return nil }
    }

    /// Has the party store a refresh; it is ready when those before it are.
    package func prepare(
        give: [UInt8],
        take: [UInt8],
        ready: [[UInt8]]
    ) async throws(UplinkFailure) -> [UInt8] {
        let body = PrepareBody(give: Data(give), take: Data(take), ready: ready.map { Data($0) })
        return try await self.statement("/refresh/prepare", body)
    }

    /// Has the party put a refresh in force for which all are ready, and forget the share before.
    package func finish(give: [UInt8], take: [UInt8], ready: [[UInt8]]) async throws(UplinkFailure) {
        let body = PrepareBody(give: Data(give), take: Data(take), ready: ready.map { Data($0) })
        _ = try await self.post("/refresh/finish", body)
    }

    // MARK: - Issuing

    /// The party's step of an issuing, `E(D_i)`.
    package func issue(_ question: KeyQuestion) async throws(UplinkFailure) -> [UInt8] {
        let answer = try await self.post(
            "/keys",
            KeyBody(
                request: Data(question.request),
                steps: question.steps.map { Data($0) },
                round: question.round,
                descriptor: Data(question.descriptor),
                owner_certificate: Data(question.ownerCertificate),
                sender: question.sender
            )
        )
        return [UInt8](try Self.decode(StepAnswer.self, answer).step)
    }

    // MARK: - Details

    private func statement(_ path: String, _ body: some Encodable & Sendable) async throws(UplinkFailure) -> [UInt8] {
        let answer = try await self.post(path, body)
        return [UInt8](try Self.decode(StatementAnswer.self, answer).statement)
    }

    private func refresh(
        _ path: String,
        _ body: some Encodable & Sendable
    ) async throws(UplinkFailure) -> (give: [UInt8], take: [UInt8]) {
        let answer = try Self.decode(RefreshBody.self, try await self.post(path, body))
        return ([UInt8](answer.give), [UInt8](answer.take))
    }

    private func post(_ path: String, _ body: some Encodable & Sendable) async throws(UplinkFailure) -> [UInt8] {
        guard let bytes = try? JSONEncoder().encode(body) else { throw .malformed("a body that is not JSON") }
        return try await self.client.send(
            .post,
            self.base.appending(self.set + path),
            body: [UInt8](bytes),
            type: "application/json",
            bytesMax: 256 << 10
        )
    }

    private static func decode<Value: Decodable>(
        _ type: Value.Type,
        _ bytes: [UInt8]
    ) throws(UplinkFailure) -> Value {
        do { return try JSONDecoder().decode(type, from: Data(bytes)) } catch {
            throw .malformed("the issuing party's answer is not what it should be")
        }
    }

    private struct Plan: Encodable, Sendable { let plan: Data }

    private struct SetupBody: Encodable, Sendable {
        let commitments: [Data]
        let steps: [Data]

        init(_ commitments: [[UInt8]], _ steps: [[UInt8]]) {
            self.commitments = commitments.map { Data($0) }
            self.steps = steps.map { Data($0) }
        }
    }

    private struct GiveBody: Encodable, Sendable {
        let round: UInt64
        let taker: UInt8
    }

    private struct TakeBody: Encodable, Sendable {
        let give: Data
        let factor: Data
    }

    private struct RefreshBody: Decodable {
        let give: Data
        let take: Data
    }

    private struct PrepareBody: Encodable, Sendable {
        let give: Data
        let take: Data
        let ready: [Data]
    }

    private struct KeyBody: Encodable, Sendable {
        let request: Data
        let steps: [Data]
        let round: UInt64
        let descriptor: Data
        let owner_certificate: Data
        let sender: String
    }

    private struct StatementAnswer: Decodable { let statement: Data }
    private struct StepAnswer: Decodable { let step: Data }
}
