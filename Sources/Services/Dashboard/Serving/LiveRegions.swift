internal import Foundation

/// The parts of a page whose content is kept up to date: elements marked by ``HTMLAttribute/live(_:)``.
struct LiveRegions: Sendable, Equatable {
    static let attribute: StaticString = "data-live"

    /// The keys in the page's order.
    private(set) var keys: [String] = []
    /// What stands in each of them, as HTML.
    private(set) var content: [String: String] = [:]

    init(_ nodes: [HTMLNode]) { self.collect(nodes) }

    private mutating func collect(_ nodes: [HTMLNode]) {
        for case .element(_, let attributes, let children) in nodes {
            // A region stands for all that is in it.
            if let key = attributes.first(where: { $0.name == "\(Self.attribute)" })?.value {
                self.keys.append(key)
                self.content[key] = children.html
            } else {
                self.collect(children)
            }
        }
    }

    /// What brings a browser from an earlier state to this one.
    ///
    /// - Parameters:
    ///   - before: what it was sent last; nil for a browser that was sent nothing yet.
    ///   - page: everything, in case there are other regions now.
    /// - Returns: nil when nothing changed.
    func event(after before: LiveRegions?, page: [HTMLNode]) -> ServerSentEvent? {
        if let before, before.keys != self.keys { return ServerSentEvent("page", json: [page.html]) }
        let changed = self.keys.filter { before?.content[$0] != self.content[$0] }
        guard !changed.isEmpty else { return nil }
        return ServerSentEvent("regions", json: changed.flatMap { [$0, self.content[$0] ?? ""] })
    }
}

/// An event as it stands in a stream of the type `text/event-stream` (HTML Living Standard §9.2).
struct ServerSentEvent: Sendable, Equatable {
    let text: String

    /// - Parameters:
    ///   - name: the event's type; one line.
    ///   - json: the data: a list of texts. JSON escapes line breaks, so that it is one line.
    init(_ name: StaticString, json: [String]) {
        let options: JSONSerialization.WritingOptions = [.withoutEscapingSlashes]
        let data = (try? JSONSerialization.data(withJSONObject: json, options: options)) ?? Data("[]".utf8)
        self.text = "event: \(name)\ndata: \(String(decoding: data, as: UTF8.self))\n\n"
    }

    /// Asks a browser to come back after a second.
    static let greeting = "retry: 1000\n\n"
    /// Says nothing, so that a connection that is gone is noticed.
    static let heartbeat = ": \n\n"
}
