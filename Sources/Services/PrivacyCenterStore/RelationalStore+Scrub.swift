package import Records

extension RelationalStore {
    package func scrub(
        digest: @escaping @Sendable ([UInt8]) -> Digest?,
        report: @escaping @Sendable (ScrubEvent) -> Void
    ) async throws -> ScrubReport {
        let findings = ScrubFindings(report)
        return try await withTaskCancellationHandler {
            try await BlockingThreads.runAlone { [engine] in
                try engine.inspect(findings)
                try findings.examine("meta") { try engine.read { try Meta.checkVersion($0) } }
                try EnvelopeScrub(engine: engine, digest: digest, findings: findings).run()
                try RowScrub(engine: engine, findings: findings).run()
                return findings.result
            }
        } onCancel: {
            findings.stop()
        }
    }
}
