internal import SecureHTTP

/// What an agent tells its dashboard.
///
/// Each call gives the state of that moment.
package protocol AgentDashboardSource: Sendable {
    func ward() async throws -> WardView
    /// - Parameter handle: of ``BedView``.
    /// - Returns: nil when there is no such bed, or no more.
    /// - Throws: a database error.
    func bed(_ handle: String) async throws -> (now: Int64, bed: BedView)?
    func fleet() async throws -> FleetView
    func pipeline() async throws -> PipelineView
    func deadLetters() async throws -> DeadLettersView
    /// Sends dead letters through the profiles that are installed now.
    ///
    /// - Parameters:
    ///   - id: one letter; nil for those of a group.
    ///   - profile: nil for any; `-` for letters of no profile.
    ///   - reason: nil for any.
    /// - Returns: what it brought.
    /// - Throws: a database error.
    func replay(id: Int64?, profile: String?, reason: String?) async throws -> ReplayView
    /// - Parameter subject: an Observation's id or an envelope's H1, in hexadecimal digits.
    /// - Returns: nil for a text that is neither.
    /// - Throws: a database error.
    func trace(_ subject: String) async throws -> TraceView?
}

extension DashboardSite {
    /// The dashboard of an agent.
    ///
    /// - Parameters:
    ///   - agent: the agent's id.
    ///   - source: tells what is shown.
    /// - Returns: its pages and actions.
    package static func agent(_ agent: String, source: any AgentDashboardSource) -> DashboardSite {
        DashboardSite(
            name: "agent \(agent)",
            pages: [
                DashboardPage("/ward", menu: "Ward", liveSeconds: 2) { _ in WardPage.content(try await source.ward()) },
                DashboardPage("/devices", menu: "Devices", liveSeconds: 5) { _ in
                    FleetPage.content(try await source.fleet())
                },
                DashboardPage("/pipeline", menu: "Pipeline", liveSeconds: 2) { _ in
                    PipelinePage.content(try await source.pipeline())
                },
                DashboardPage("/dead-letters", menu: "Dead letters") { request in
                    DeadLettersPage.content(try await source.deadLetters(), request)
                },
                DashboardPage("/trace", menu: "Trace") { TracePage.asking($0) },
                DashboardPage("/beds/{handle}", liveSeconds: 2) { request in
                    guard let (now, bed) = try await source.bed(request.parameters["handle"] ?? "") else {
                        throw Problem.noPage("there is no such bed, or it has been silent since the last look")
                    }
                    return BedPage.content(bed, at: now, request)
                },
            ],
            actions: [
                DashboardAction("/dead-letters/replay", for: .mend) { _, fields in
                    let outcome = try await source.replay(
                        id: fields["letter"].flatMap { Int64($0) },
                        profile: fields["profile"],
                        reason: fields["reason"]
                    )
                    return .go(to: "/dead-letters", notice: DeadLettersPage.sentence(outcome))
                },
                DashboardAction("/trace", for: .look) { request, fields in
                    let subject = (fields["subject"] ?? "").filter { !$0.isWhitespace }.lowercased()
                    guard let view = try await source.trace(subject) else {
                        return .show(TracePage.asking(request, refusal: TracePage.form))
                    }
                    return .show(TracePage.content(view, request))
                },
            ]
        )
    }
}
