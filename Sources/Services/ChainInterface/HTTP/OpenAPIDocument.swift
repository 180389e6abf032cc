/// `docs/openapi/chain.json`, served at `/v1/openapi.json`; a test keeps the two equal.
enum OpenAPIDocument {
    /// OpenAPI 3.1.
    static let text = #"""
        {
          "openapi": "3.1.0",
          "info": {
            "title": "Wardline validator",
            "version": "1",
            "description": "LP(x) is the length of x in four bytes, most significant first, and x. Role \"*\": any.",
            "summary": "Takes transactions and hands out proofs that anybody can check offline.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}
          },
          "servers": [{"url": "https://validator.example:7401"}],
          "security": [{"mutualTLS": []}],
          "paths": {
            "/v1/transactions": {
              "post": {
                "operationId": "submit",
                "summary": "Hand in a transaction and wait for its block.",
                "description": "Repeating it is safe. Hand in to more than f validators: one may keep it to itself.",
                "security": [],
                "responses": {
                  "200": {
                    "description": "Final: \"WLTP\" proves transaction and receipt, of a rejection too.",
                    "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
                  },
                  "202": {
                    "description": "The outcome is open: it waits in the pool, or nobody knows yet. The body is empty."
                  },
                  "400": {"$ref": "#/components/responses/Malformed"},
                  "403": {"$ref": "#/components/responses/Forbidden"},
                  "408": {"$ref": "#/components/responses/TooSlow"},
                  "409": {"$ref": "#/components/responses/NonceUsed"},
                  "413": {"$ref": "#/components/responses/TooLarge"},
                  "415": {"$ref": "#/components/responses/OtherType"},
                  "422": {"$ref": "#/components/responses/Inadmissible"},
                  "429": {"$ref": "#/components/responses/TooMany"},
                  "500": {"$ref": "#/components/responses/Failed"},
                  "503": {"$ref": "#/components/responses/Unavailable"}
                },
                "parameters": [
                  {
                    "name": "wait",
                    "in": "query",
                    "required": false,
                    "description": "How long to wait, ms.",
                    "schema": {"type": "integer", "minimum": 0, "maximum": 30000, "default": 10000}
                  }
                ],
                "requestBody": {
                  "required": true,
                  "description": "The transaction's canonical bytes.",
                  "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
                }
              }
            },
            "/v1/transactions/batch": {
              "post": {
                "operationId": "submitBatch",
                "summary": "Hand in many transactions without waiting for blocks.",
                "x-roles": ["*"],
                "responses": {
                  "200": {
                    "description": "LP(code of its refusal) for each, in order; empty: taken, or there.",
                    "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
                  },
                  "400": {"$ref": "#/components/responses/Malformed"},
                  "401": {"$ref": "#/components/responses/Unknown"},
                  "403": {"$ref": "#/components/responses/Forbidden"},
                  "408": {"$ref": "#/components/responses/TooSlow"},
                  "413": {"$ref": "#/components/responses/TooLarge"},
                  "415": {"$ref": "#/components/responses/OtherType"},
                  "429": {"$ref": "#/components/responses/TooMany"},
                  "500": {"$ref": "#/components/responses/Failed"},
                  "503": {"$ref": "#/components/responses/Unavailable"}
                },
                "requestBody": {
                  "required": true,
                  "description": "LP(transaction) of at most 1,000 transactions, 4 MiB.",
                  "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
                }
              }
            },
            "/v1/channels/{channel}/transactions/{id}": {
              "get": {
                "operationId": "getTransaction",
                "summary": "What became of a transaction.",
                "security": [],
                "responses": {
                  "200": {
                    "description": "It is final: \"WLTP\".",
                    "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
                  },
                  "202": {
                    "description": "The outcome is open: it waits in the pool, or nobody knows yet. The body is empty."
                  },
                  "400": {"$ref": "#/components/responses/Malformed"},
                  "403": {"$ref": "#/components/responses/Forbidden"},
                  "404": {"$ref": "#/components/responses/NotFound"},
                  "408": {"$ref": "#/components/responses/TooSlow"},
                  "410": {"$ref": "#/components/responses/Pruned"},
                  "429": {"$ref": "#/components/responses/TooMany"},
                  "500": {"$ref": "#/components/responses/Failed"},
                  "503": {"$ref": "#/components/responses/Unavailable"}
                },
                "parameters": [
                  {
                    "name": "channel",
                    "in": "path",
                    "required": true,
                    "description": "The channel.",
                    "schema": {"$ref": "#/components/schemas/Channel"}
                  },
                  {
                    "name": "id",
                    "in": "path",
                    "required": true,
                    "description": "The transaction's identifier.",
                    "schema": {"$ref": "#/components/schemas/Digest"}
                  }
                ]
              }
            },
            "/v1/channels/{channel}/state/{key}": {
              "get": {
                "operationId": "getValue",
                "summary": "A key's value after the last block, or its absence.",
                "security": [],
                "responses": {
                  "200": {
                    "description": "\"WLVP\", with the proof.",
                    "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
                  },
                  "400": {"$ref": "#/components/responses/Malformed"},
                  "403": {"$ref": "#/components/responses/Forbidden"},
                  "404": {"$ref": "#/components/responses/NotFound"},
                  "408": {"$ref": "#/components/responses/TooSlow"},
                  "429": {"$ref": "#/components/responses/TooMany"},
                  "500": {"$ref": "#/components/responses/Failed"},
                  "503": {"$ref": "#/components/responses/Unavailable"}
                },
                "parameters": [
                  {
                    "name": "channel",
                    "in": "path",
                    "required": true,
                    "description": "The channel.",
                    "schema": {"$ref": "#/components/schemas/Channel"}
                  },
                  {
                    "name": "key",
                    "in": "path",
                    "required": true,
                    "description": "The key, hexadecimal.",
                    "schema": {"type": "string", "pattern": "^([0-9a-f]{2}){1,1024}$"}
                  }
                ]
              }
            },
            "/v1/channels/{channel}/blocks": {
              "get": {
                "operationId": "listBlocks",
                "summary": "Blocks from a height upwards, as many as fit 8 MiB; none at the tip.",
                "security": [],
                "responses": {
                  "200": {
                    "description": "LP(block) || LP(certificate) of each.",
                    "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
                  },
                  "400": {"$ref": "#/components/responses/Malformed"},
                  "403": {"$ref": "#/components/responses/Forbidden"},
                  "404": {"$ref": "#/components/responses/NotFound"},
                  "408": {"$ref": "#/components/responses/TooSlow"},
                  "410": {"$ref": "#/components/responses/Pruned"},
                  "429": {"$ref": "#/components/responses/TooMany"},
                  "500": {"$ref": "#/components/responses/Failed"},
                  "503": {"$ref": "#/components/responses/Unavailable"}
                },
                "parameters": [
                  {
                    "name": "channel",
                    "in": "path",
                    "required": true,
                    "description": "The channel.",
                    "schema": {"$ref": "#/components/schemas/Channel"}
                  },
                  {
                    "name": "from",
                    "in": "query",
                    "required": false,
                    "description": "The first height.",
                    "schema": {"type": "integer", "format": "int64", "minimum": 1, "default": 1}
                  },
                  {
                    "name": "limit",
                    "in": "query",
                    "required": false,
                    "description": "Entries at most.",
                    "schema": {"type": "integer", "minimum": 1, "maximum": 4096, "default": 4096}
                  }
                ]
              }
            },
            "/v1/channels/{channel}/blocks/{height}": {
              "get": {
                "operationId": "getBlock",
                "summary": "One block.",
                "security": [],
                "responses": {
                  "200": {
                    "description": "LP(block) || LP(certificate).",
                    "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
                  },
                  "400": {"$ref": "#/components/responses/Malformed"},
                  "403": {"$ref": "#/components/responses/Forbidden"},
                  "404": {"$ref": "#/components/responses/NotFound"},
                  "408": {"$ref": "#/components/responses/TooSlow"},
                  "410": {"$ref": "#/components/responses/Pruned"},
                  "429": {"$ref": "#/components/responses/TooMany"},
                  "500": {"$ref": "#/components/responses/Failed"},
                  "503": {"$ref": "#/components/responses/Unavailable"}
                },
                "parameters": [
                  {
                    "name": "channel",
                    "in": "path",
                    "required": true,
                    "description": "The channel.",
                    "schema": {"$ref": "#/components/schemas/Channel"}
                  },
                  {
                    "name": "height",
                    "in": "path",
                    "required": true,
                    "description": "A height from 1 on, or latest.",
                    "schema": {"type": "string", "pattern": "^([0-9]+|latest)$"}
                  }
                ]
              }
            },
            "/v1/channels/{channel}/blocks/{height}/receipts": {
              "get": {
                "operationId": "getReceipts",
                "summary": "What became of a block's transactions.",
                "security": [],
                "responses": {
                  "200": {
                    "description": "LP(receipt) of each; the header's receipt root proves them.",
                    "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
                  },
                  "400": {"$ref": "#/components/responses/Malformed"},
                  "403": {"$ref": "#/components/responses/Forbidden"},
                  "404": {"$ref": "#/components/responses/NotFound"},
                  "408": {"$ref": "#/components/responses/TooSlow"},
                  "410": {"$ref": "#/components/responses/Pruned"},
                  "429": {"$ref": "#/components/responses/TooMany"},
                  "500": {"$ref": "#/components/responses/Failed"},
                  "503": {"$ref": "#/components/responses/Unavailable"}
                },
                "parameters": [
                  {
                    "name": "channel",
                    "in": "path",
                    "required": true,
                    "description": "The channel.",
                    "schema": {"$ref": "#/components/schemas/Channel"}
                  },
                  {
                    "name": "height",
                    "in": "path",
                    "required": true,
                    "description": "A height from 1 on, or latest.",
                    "schema": {"type": "string", "pattern": "^([0-9]+|latest)$"}
                  }
                ]
              }
            },
            "/v1/channels/{channel}/blocks/{height}/outbound/{index}": {
              "get": {
                "operationId": "getOutbound",
                "summary": "What a block says to another chain.",
                "security": [],
                "responses": {
                  "200": {
                    "description": "\"WLXP\": the leaf, with header, certificate and path.",
                    "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
                  },
                  "400": {"$ref": "#/components/responses/Malformed"},
                  "403": {"$ref": "#/components/responses/Forbidden"},
                  "404": {"$ref": "#/components/responses/NotFound"},
                  "408": {"$ref": "#/components/responses/TooSlow"},
                  "410": {"$ref": "#/components/responses/Pruned"},
                  "429": {"$ref": "#/components/responses/TooMany"},
                  "500": {"$ref": "#/components/responses/Failed"},
                  "503": {"$ref": "#/components/responses/Unavailable"}
                },
                "parameters": [
                  {
                    "name": "channel",
                    "in": "path",
                    "required": true,
                    "description": "The channel.",
                    "schema": {"$ref": "#/components/schemas/Channel"}
                  },
                  {
                    "name": "height",
                    "in": "path",
                    "required": true,
                    "description": "A height from 1 on, or latest.",
                    "schema": {"type": "string", "pattern": "^([0-9]+|latest)$"}
                  },
                  {
                    "name": "index",
                    "in": "path",
                    "required": true,
                    "description": "Of the leaf in its tree, from 0.",
                    "schema": {"type": "integer", "minimum": 0, "maximum": 4294967295}
                  },
                  {
                    "name": "tree",
                    "in": "query",
                    "required": false,
                    "description": "What contracts send, or what is undone because its time was up.",
                    "schema": {"type": "string", "enum": ["out", "timeout"], "default": "out"}
                  }
                ]
              }
            },
            "/v1/channels/{channel}/headers": {
              "get": {
                "operationId": "listHeaders",
                "summary": "Headers above a height, as many as fit 3 MiB.",
                "security": [],
                "responses": {
                  "200": {
                    "description": "LP(header) || LP(certificate) of each.",
                    "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
                  },
                  "400": {"$ref": "#/components/responses/Malformed"},
                  "403": {"$ref": "#/components/responses/Forbidden"},
                  "404": {"$ref": "#/components/responses/NotFound"},
                  "408": {"$ref": "#/components/responses/TooSlow"},
                  "410": {"$ref": "#/components/responses/Pruned"},
                  "429": {"$ref": "#/components/responses/TooMany"},
                  "500": {"$ref": "#/components/responses/Failed"},
                  "503": {"$ref": "#/components/responses/Unavailable"}
                },
                "parameters": [
                  {
                    "name": "channel",
                    "in": "path",
                    "required": true,
                    "description": "The channel.",
                    "schema": {"$ref": "#/components/schemas/Channel"}
                  },
                  {
                    "name": "since",
                    "in": "query",
                    "required": false,
                    "description": "The height before the first one.",
                    "schema": {"type": "integer", "format": "int64", "minimum": 0, "default": 0}
                  },
                  {
                    "name": "limit",
                    "in": "query",
                    "required": false,
                    "description": "Entries at most.",
                    "schema": {"type": "integer", "minimum": 1, "maximum": 4096, "default": 4096}
                  }
                ]
              }
            },
            "/v1/channels/{channel}/committees": {
              "get": {
                "operationId": "listCommittees",
                "summary": "The changes of the committee after an epoch.",
                "security": [],
                "responses": {
                  "200": {
                    "description": "LP(header) || LP(certificate) || LP(next committee) of each.",
                    "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
                  },
                  "400": {"$ref": "#/components/responses/Malformed"},
                  "403": {"$ref": "#/components/responses/Forbidden"},
                  "404": {"$ref": "#/components/responses/NotFound"},
                  "408": {"$ref": "#/components/responses/TooSlow"},
                  "429": {"$ref": "#/components/responses/TooMany"},
                  "500": {"$ref": "#/components/responses/Failed"},
                  "503": {"$ref": "#/components/responses/Unavailable"}
                },
                "parameters": [
                  {
                    "name": "channel",
                    "in": "path",
                    "required": true,
                    "description": "The channel.",
                    "schema": {"$ref": "#/components/schemas/Channel"}
                  },
                  {
                    "name": "after",
                    "in": "query",
                    "required": false,
                    "description": "The last epoch that is known.",
                    "schema": {"type": "integer", "format": "int64", "minimum": 0, "default": 0}
                  }
                ]
              }
            },
            "/v1/channels/{channel}/events": {
              "get": {
                "operationId": "subscribe",
                "summary": "Everything that becomes final, as a stream.",
                "description": "A stream ends after ten minutes, or when it is not read; go on with Last-Event-ID.",
                "security": [],
                "responses": {
                  "200": {
                    "description": "id <height>.<index>: 0 the block, then `rejected` and contracts' topics.",
                    "content": {"text/event-stream": {"schema": {"type": "string"}}}
                  },
                  "400": {"$ref": "#/components/responses/Malformed"},
                  "403": {"$ref": "#/components/responses/Forbidden"},
                  "404": {"$ref": "#/components/responses/NotFound"},
                  "408": {"$ref": "#/components/responses/TooSlow"},
                  "410": {"$ref": "#/components/responses/Pruned"},
                  "429": {"$ref": "#/components/responses/TooMany"},
                  "500": {"$ref": "#/components/responses/Failed"},
                  "503": {"$ref": "#/components/responses/Unavailable"}
                },
                "parameters": [
                  {
                    "name": "channel",
                    "in": "path",
                    "required": true,
                    "description": "The channel.",
                    "schema": {"$ref": "#/components/schemas/Channel"}
                  },
                  {
                    "name": "since",
                    "in": "query",
                    "required": false,
                    "description": "Behind which event; Last-Event-ID comes first. None: only news.",
                    "schema": {"type": "string", "pattern": "^[0-9]+\\.[0-9]+$"}
                  }
                ]
              }
            },
            "/v1/channels/{channel}/subjects/{subject}": {
              "get": {
                "operationId": "listSubjectEvents",
                "summary": "What happened to a subject: a scope, request, permission, data set and so on.",
                "description": "A hint: get each transaction's proof; ask more than f validators, one may leave out.",
                "security": [],
                "responses": {
                  "200": {
                    "description": "u64 height || u32 place || transaction (32) || LP(topic) of each, ascending.",
                    "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
                  },
                  "400": {"$ref": "#/components/responses/Malformed"},
                  "403": {"$ref": "#/components/responses/Forbidden"},
                  "404": {"$ref": "#/components/responses/NotFound"},
                  "408": {"$ref": "#/components/responses/TooSlow"},
                  "410": {"$ref": "#/components/responses/Pruned"},
                  "429": {"$ref": "#/components/responses/TooMany"},
                  "500": {"$ref": "#/components/responses/Failed"},
                  "503": {"$ref": "#/components/responses/Unavailable"}
                },
                "parameters": [
                  {
                    "name": "channel",
                    "in": "path",
                    "required": true,
                    "description": "The channel.",
                    "schema": {"$ref": "#/components/schemas/Channel"}
                  },
                  {
                    "name": "subject",
                    "in": "path",
                    "required": true,
                    "description": "32 bytes in hexadecimal digits.",
                    "schema": {"type": "string", "pattern": "^[0-9a-f]{64}$"}
                  },
                  {
                    "name": "after",
                    "in": "query",
                    "required": false,
                    "description": "Only what comes after this place, which is an event's id in the stream.",
                    "schema": {"type": "string", "pattern": "^[0-9]+\\.[0-9]+$"}
                  },
                  {
                    "name": "limit",
                    "in": "query",
                    "required": false,
                    "description": "Entries at most; as many: ask again behind the last one.",
                    "schema": {"type": "integer", "minimum": 1, "maximum": 1000, "default": 1000}
                  }
                ]
              }
            },
            "/v1/genesis": {
              "get": {
                "operationId": "getGenesis",
                "summary": "The genesis that the validator keeps to.",
                "security": [],
                "responses": {
                  "200": {
                    "description": "\"WLGN\". Trust a copy of your own.",
                    "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
                  },
                  "400": {"$ref": "#/components/responses/Malformed"},
                  "403": {"$ref": "#/components/responses/Forbidden"},
                  "408": {"$ref": "#/components/responses/TooSlow"},
                  "429": {"$ref": "#/components/responses/TooMany"},
                  "500": {"$ref": "#/components/responses/Failed"},
                  "503": {"$ref": "#/components/responses/Unavailable"}
                }
              }
            },
            "/v1/status": {
              "get": {
                "operationId": "getStatus",
                "summary": "How it stands with the validator.",
                "x-roles": ["*"],
                "responses": {
                  "200": {
                    "description": "Its own account, proven by nothing.",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Status"}}}
                  },
                  "400": {"$ref": "#/components/responses/Malformed"},
                  "401": {"$ref": "#/components/responses/Unknown"},
                  "403": {"$ref": "#/components/responses/Forbidden"},
                  "408": {"$ref": "#/components/responses/TooSlow"},
                  "429": {"$ref": "#/components/responses/TooMany"},
                  "500": {"$ref": "#/components/responses/Failed"},
                  "503": {"$ref": "#/components/responses/Unavailable"}
                }
              }
            },
            "/healthz": {
              "get": {
                "operationId": "health",
                "summary": "Whether the process answers.",
                "security": [],
                "responses": {
                  "200": {"description": "It does.", "content": {"text/plain": {"schema": {"type": "string"}}}},
                  "400": {"$ref": "#/components/responses/Malformed"},
                  "403": {"$ref": "#/components/responses/Forbidden"},
                  "408": {"$ref": "#/components/responses/TooSlow"},
                  "429": {"$ref": "#/components/responses/TooMany"},
                  "500": {"$ref": "#/components/responses/Failed"},
                  "503": {"$ref": "#/components/responses/Unavailable"}
                }
              }
            },
            "/readyz": {
              "get": {
                "operationId": "readiness",
                "summary": "Whether it serves clients: a member, not silent, with a quorum in reach.",
                "x-roles": ["*"],
                "responses": {
                  "200": {
                    "description": "It does; else 503 with a line each for what is in the way.",
                    "content": {"text/plain": {"schema": {"type": "string"}}}
                  },
                  "400": {"$ref": "#/components/responses/Malformed"},
                  "401": {"$ref": "#/components/responses/Unknown"},
                  "403": {"$ref": "#/components/responses/Forbidden"},
                  "408": {"$ref": "#/components/responses/TooSlow"},
                  "429": {"$ref": "#/components/responses/TooMany"},
                  "500": {"$ref": "#/components/responses/Failed"},
                  "503": {"$ref": "#/components/responses/Unavailable"}
                }
              }
            },
            "/metrics": {
              "get": {
                "operationId": "metrics",
                "summary": "Prometheus text.",
                "x-roles": ["operator", "validator"],
                "responses": {
                  "200": {"description": "Format 0.0.4.", "content": {"text/plain": {"schema": {"type": "string"}}}},
                  "400": {"$ref": "#/components/responses/Malformed"},
                  "401": {"$ref": "#/components/responses/Unknown"},
                  "403": {"$ref": "#/components/responses/Forbidden"},
                  "408": {"$ref": "#/components/responses/TooSlow"},
                  "429": {"$ref": "#/components/responses/TooMany"},
                  "500": {"$ref": "#/components/responses/Failed"},
                  "503": {"$ref": "#/components/responses/Unavailable"}
                }
              }
            },
            "/v1/openapi.json": {
              "get": {
                "operationId": "document",
                "summary": "This document.",
                "security": [],
                "responses": {
                  "200": {
                    "description": "OpenAPI 3.1.",
                    "content": {"application/json": {"schema": {"type": "object"}}}
                  },
                  "400": {"$ref": "#/components/responses/Malformed"},
                  "403": {"$ref": "#/components/responses/Forbidden"},
                  "408": {"$ref": "#/components/responses/TooSlow"},
                  "429": {"$ref": "#/components/responses/TooMany"},
                  "500": {"$ref": "#/components/responses/Failed"},
                  "503": {"$ref": "#/components/responses/Unavailable"}
                }
              }
            }
          },
          "components": {
            "securitySchemes": {
              "mutualTLS": {
                "type": "mutualTLS",
                "description": "A client certificate of the consortium with its role; open routes need none."
              }
            },
            "responses": {
              "Malformed": {
                "description": "malformed: no transaction; malformed-parameter: path or query; truncated.",
                "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
              },
              "Unknown": {
                "description": "certificate-required: the route is for parties.",
                "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
              },
              "Forbidden": {
                "description": "role-not-allowed, client-certificate-revoked; certificate-revoked: the signer's.",
                "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
              },
              "NotFound": {
                "description": "unknown-channel, unknown-block, unknown-transaction. no-block: the channel has none yet; see Retry-After.",
                "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
              },
              "TooSlow": {
                "description": "body-too-slow.",
                "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
              },
              "NonceUsed": {
                "description": "nonce-used, perhaps by these very bytes: ask for the transaction.",
                "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
              },
              "Pruned": {
                "description": "pruned: the blocks are gone here; ask another validator.",
                "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
              },
              "TooLarge": {
                "description": "content-too-large.",
                "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
              },
              "OtherType": {
                "description": "unsupported-media-type.",
                "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
              },
              "Inadmissible": {
                "description": "bad-signature, or why it cannot stand in a block: expired, too-long, and so on.",
                "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
              },
              "TooMany": {
                "description": "too-many-requests; pool-full, quota-exceeded: see Retry-After.",
                "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
              },
              "Failed": {
                "description": "store-damaged, internal: the validator's log says why.",
                "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
              },
              "Unavailable": {
                "description": "not-ready: starting, stopping, silent, disk full or no quorum. busy: too much at once.",
                "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
              }
            },
            "schemas": {
              "Channel": {"type": "string", "enum": ["access", "index"]},
              "Digest": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
              "Problem": {
                "type": "object",
                "required": ["code", "detail", "status", "title", "type"],
                "properties": {
                  "type": {"type": "string"},
                  "title": {"type": "string"},
                  "status": {"type": "integer"},
                  "code": {"type": "string", "description": "Stable, for programs."},
                  "detail": {"type": "string"}
                },
                "additionalProperties": false
              },
              "Status": {
                "type": "object",
                "required": [
                  "chain",
                  "channels",
                  "disk_full",
                  "disk_synchronizations",
                  "events_waiting",
                  "genesis",
                  "jobs_waiting",
                  "log_bytes",
                  "name",
                  "number",
                  "peers",
                  "running"
                ],
                "properties": {
                  "chain": {"type": "string"},
                  "genesis": {"$ref": "#/components/schemas/Digest"},
                  "number": {"type": "integer"},
                  "name": {"type": "string"},
                  "running": {"type": "boolean"},
                  "disk_full": {"type": "boolean"},
                  "failure": {"type": "string", "description": "Why it stopped for good."},
                  "channels": {
                    "type": "array",
                    "items": {
                      "type": "object",
                      "required": [
                        "bad_proposals",
                        "block",
                        "blocks_committed",
                        "changing_view",
                        "channel",
                        "earliest_block",
                        "epoch",
                        "evidence_reported",
                        "height",
                        "leader",
                        "margin",
                        "member",
                        "members",
                        "pool_bytes",
                        "pool_count",
                        "quorum",
                        "reachable",
                        "refused_votes",
                        "silent",
                        "time_ms",
                        "transactions_committed",
                        "view",
                        "view_changes"
                      ],
                      "properties": {
                        "channel": {"$ref": "#/components/schemas/Channel"},
                        "height": {"type": "integer", "format": "int64", "minimum": 0},
                        "block": {"$ref": "#/components/schemas/Digest"},
                        "time_ms": {
                          "type": "integer",
                          "format": "int64",
                          "minimum": 0,
                          "description": "Of the last block, milliseconds since 1970."
                        },
                        "epoch": {"type": "integer", "format": "int64", "minimum": 0},
                        "view": {"type": "integer", "format": "int64", "minimum": 0},
                        "changing_view": {"type": "boolean"},
                        "leader": {"type": "integer"},
                        "pool_count": {"type": "integer"},
                        "pool_bytes": {"type": "integer"},
                        "members": {"type": "integer"},
                        "quorum": {"type": "integer"},
                        "reachable": {"type": "integer", "description": "Members it can talk to, and itself."},
                        "margin": {
                          "type": "integer",
                          "description": "Members that may fail before the channel stands still."
                        },
                        "member": {"type": "boolean"},
                        "silent": {"type": "boolean"},
                        "earliest_block": {"type": "integer", "format": "int64", "minimum": 0},
                        "blocks_committed": {"type": "integer", "format": "int64", "minimum": 0},
                        "transactions_committed": {"type": "integer", "format": "int64", "minimum": 0},
                        "view_changes": {"type": "integer", "format": "int64", "minimum": 0},
                        "bad_proposals": {"type": "integer", "format": "int64", "minimum": 0},
                        "evidence_reported": {"type": "integer", "format": "int64", "minimum": 0},
                        "refused_votes": {"type": "integer", "format": "int64", "minimum": 0}
                      },
                      "additionalProperties": false
                    }
                  },
                  "peers": {
                    "type": "array",
                    "items": {
                      "type": "object",
                      "required": [
                        "connected",
                        "dropped_frames",
                        "name",
                        "number",
                        "queued_bytes",
                        "received_bytes",
                        "score",
                        "sent_bytes"
                      ],
                      "properties": {
                        "number": {"type": "integer"},
                        "name": {"type": "string"},
                        "connected": {"type": "boolean"},
                        "sent_bytes": {"type": "integer", "format": "int64", "minimum": 0},
                        "received_bytes": {"type": "integer", "format": "int64", "minimum": 0},
                        "dropped_frames": {"type": "integer", "format": "int64", "minimum": 0},
                        "queued_bytes": {"type": "integer"},
                        "score": {"type": "number"}
                      },
                      "additionalProperties": false
                    }
                  },
                  "log_bytes": {"type": "integer"},
                  "disk_synchronizations": {"type": "integer", "format": "int64", "minimum": 0},
                  "jobs_waiting": {"type": "integer"},
                  "events_waiting": {"type": "integer"}
                },
                "additionalProperties": false
              }
            }
          }
        }

        """#
}
