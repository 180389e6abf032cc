import Testing

@testable import Uplink

@Suite struct ServiceURLTests {
    @Test(
        "only https with a host is a service",
        arguments: [
            ("https://cpc.example:7402", true), ("https://cpc.example/", true), ("https://10.0.0.1:1", true),
            ("http://cpc.example", false), ("https://", false), ("cpc.example:7402", false),
            ("https://cpc.example/v1", false), ("https://u:p@cpc.example", false), ("https://cpc.example?x=1", false),
            ("https://cpc.example:0", false), ("https://cpc.example:70000", false), ("", false),
            ("https://cpc.example\r\nx: y", false), ("https://cpc .example", false),
            ("https://cpc.example\u{0}", false),
        ]
    )
    func forms(text: String, isService: Bool) {
        #expect((ServiceURL(text) != nil) == isService)
    }

    @Test("what is refused for ever and what may pass later")
    func permanence() {
        func refused(_ status: Int, _ code: String = "") -> UplinkFailure {
            .refused(status: status, code: code, detail: "", retryAfterSeconds: 3)
        }
        #expect([400, 409, 413, 415, 422].allSatisfy { refused($0).isPermanent })
        #expect([401, 403, 404, 408, 424, 429, 500, 503, 507].allSatisfy { !refused($0).isPermanent })
        // An envelope that a revoked generation sealed must not hold up those behind it; a revoked peer may be renewed.
        #expect(refused(403, "certificate-revoked").isPermanent)
        #expect(!refused(403, "client-certificate-revoked").isPermanent)
        #expect(!UplinkFailure.unreachable("x").isPermanent && !UplinkFailure.malformed("x").isPermanent)
        #expect(refused(503).retryAfterSeconds == 3)
    }
}
