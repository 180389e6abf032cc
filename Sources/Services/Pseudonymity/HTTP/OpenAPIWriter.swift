internal import Certificates
internal import Foundation
internal import HTTPTypes

/// The OpenAPI document of an authority's routes; it is written from them, so that it cannot say something else.
struct OpenAPIWriter: Sendable {
    let title: String
    let summary: String
    let routes: [ServiceRoute]

    /// JSON with sorted members.
    func text() throws -> [UInt8] {
        let options: JSONSerialization.WritingOptions = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return Array(try JSONSerialization.data(withJSONObject: self.object, options: options)) + [UInt8(ascii: "\n")]
    }

    private var object: [String: Any] {
        var paths: [String: [String: Any]] = [:]
        for route in self.routes {
            paths[route.path, default: [:]][route.method.rawValue.lowercased()] = self.entry(route)
        }
        return [
            "openapi": "3.1.0",
            "info": [
                "title": self.title, "version": "1", "summary": self.summary,
                "license": ["name": "Apache-2.0", "identifier": "Apache-2.0"],
            ],
            "security": [["mutualTLS": [String]()]],
            "paths": paths,
            "components": [
                "securitySchemes": ["mutualTLS": ["type": "mutualTLS"]],
                "responses": ["Problem": Self.problem],
            ],
        ]
    }

    private func entry(_ route: ServiceRoute) -> [String: Any] {
        var responses: [String: Any] = ["\(route.success)": Self.content(route.gives, "Done.")]
        var refusals = route.refusals.union(ServiceRoute.commonStatuses)
        if route.takes != .none { refusals.formUnion([413, 415, 422]) }
        for status in refusals { responses["\(status)"] = ["$ref": "#/components/responses/Problem"] }
        var entry: [String: Any] = [
            "summary": route.summary, "x-roles": route.roles.map(\.rawValue).sorted(), "responses": responses,
        ]
        if route.path.contains("{id}") {
            entry["parameters"] = [
                [
                    "name": "id", "in": "path", "required": true,
                    "schema": ["type": "string", "pattern": "^[0-9a-f]{64}$"],
                ]
            ]
        }
        if route.takes != .none {
            var body = Self.content(route.takes, "")
            body["required"] = true
            entry["requestBody"] = body
        }
        return entry
    }

    private static func content(_ body: ServiceRoute.Body, _ description: String) -> [String: Any] {
        switch body {
        case .none: ["description": description]
        case .text: ["description": "Text.", "content": ["text/plain": ["schema": ["type": "string"]]]]
        case .octets(let what):
            [
                "description": what,
                "content": ["application/octet-stream": ["schema": ["type": "string", "format": "binary"]]],
            ]
        case .json(let what):
            ["description": what, "content": ["application/json": ["schema": ["type": "object"]]]]
        }
    }

    private static var problem: [String: Any] {
        [
            "description": "Why not (RFC 9457); `code` is stable.",
            "content": [
                "application/problem+json": [
                    "schema": [
                        "type": "object", "required": ["type", "title", "status", "code", "detail"],
                        "properties": [
                            "type": ["type": "string"], "title": ["type": "string"], "status": ["type": "integer"],
                            "code": ["type": "string"], "detail": ["type": "string"],
                        ],
                    ]
                ]
            ],
        ]
    }
}
