import Logging
import Testing

@testable import TraceContexts

@Suite("Trace contexts: W3C Trace Context, level 1")
struct TraceContextTests {
    private static let published = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

    @Test("the published example is read, passed on unchanged, and continued under another span")
    func example() throws {
        let context = try #require(TraceContext(traceparent: Self.published))
        #expect(context.traceID == "4bf92f3577b34da6a3ce929d0e0e4736")
        #expect(context.spanID == "00f067aa0ba902b7")
        #expect(context.traceparent == Self.published)
        #expect(context.child.traceID == context.traceID)
        #expect(context.child.spanID != context.spanID)
    }

    @Test("a later version's field is read as far as it is known; unknown flags are not passed on")
    func later() throws {
        let context = try #require(
            TraceContext(traceparent: "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-ff-what-comes")
        )
        #expect(context.traceparent == Self.published)
    }

    @Test(
        "what level 1 forbids is not read",
        arguments: [
            "", "-", "00", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e47360-00f067aa0ba902b7-01",
            "00-+bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e473g-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0",
            " 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-" + String(repeating: "x", count: 500),
        ]
    )
    func malformed(_ text: String) { #expect(TraceContext(traceparent: text) == nil) }

    @Test("new traces differ, and are read back")
    func random() {
        let contexts = (0..<200).map { _ in TraceContext() }
        #expect(Set(contexts.map(\.traceID)).count == 200)
        for context in contexts {
            #expect(TraceContext(traceparent: context.traceparent) == context)
            #expect(context.traceparent.utf8.count == 55)
        }
    }

    @Test("a line of the log names the operation of its task, and none outside of one")
    func logging() async {
        #expect(TraceContext.metadataProvider.get().isEmpty)
        let context = TraceContext()
        let inside = await context.perform { await Task { TraceContext.metadataProvider.get() }.value }
        #expect(inside == ["trace_id": "\(context.traceID)", "span_id": "\(context.spanID)"])
        #expect(context.perform { TraceContext.current } == context)
        #expect(TraceContext.current == nil)
    }
}
