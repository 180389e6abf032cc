/// Small well-formed inputs of the languages that profiles are written in.
enum GrammarSeeds {
    static func texts(_ family: SeedFamily) -> [String] {
        switch family {
        case .topic:
            [
                "ward/icu/bed/7/monitor/m1", "spBv1.0/g/DDATA/n/d", "spBv1.0/g/NBIRTH/n", "$share/a/b", "a//b/",
                "ble/b/AA/2a37",
            ]
        case .path: self.paths
        case .expression: self.expressions
        case .textTemplate:
            ["{serial}", "{ward}/{bed}", "mimic2-{ward}", "{coalesce($.device, $.id)}", "{{x}}{$.a[0].b}", "plain"]
        case .topicTemplate:
            [
                "ward/{ward}/bed/{bed}/monitor/{serial}", "spBv1.0/{group}/{message...}", "a/+/b/#", "{a}/{b}/{c...}",
                "#", "+",
            ]
        case .unit:
            [
                "mm[Hg]", "Cel", "[degF]", "/min", "%", "mg/dL", "mmol/L", "10*3/uL", "kg/m2", "uV", "L/min",
                "m2.kg.s-3.A-1", "{steps}",
                "(8.h){shift}", "[in_i]", "[lb_av]", "1", "cm[H2O]", "dB", "[pH]", "10^-2.ar", "m[iU]/mL", "B[SPL]",
            ]
        case .time:
            [
                "2026-03-10T08:15:30.250Z", "2026-12-31T23:59:60Z", "0001-01-01T00:00:00+14:00",
                "20260310081530.2500+0100",
                "20260310081530123", "2026", "202603", "10.03.2026 08:15:30", "2026-03-10t08:15:30.123456789-00:30",
                "9999-12-31T23:59:59Z",
            ]
        case .timePattern:
            ["dd.MM.yyyy HH:mm:ss", "yyyy-MM-dd'T'HH:mm:ss.SSSXXX", "'['HH:mm:ss dd/MM/yyyy']'", "yyyyMMddHHmmssXX"]
        case .decimal:
            ["37.60", "-0.5", "1e6144", "1.50e-60", "9999999999999999999999999999999999", "0", "-0.000", "12E-3"]
        case .gattName:
            [
                "2a37", "0x2A5F", "heart_rate_measurement", "Blood Pressure Measurement",
                "00002a18-0000-1000-8000-00805f9b34fb",
            ]
        case .yaml: [self.profile, self.aliases]
        default: ConfigurationSeeds.texts(family)
        }
    }

    private static let paths = [
        "$", "$.a.b[0]", "$['a']['b c']", "$..hr", "$..[?@.kind == 'hr' && @.value > 50].value", "$[::2]", "$[-1:0:-1]",
        "@.v", "$.*",
        "$..*..*", "$.readings[?@.unit != $.u || !@.x]", "$[?length(@.s) > 2]", "$[?match(@.s, 'a[^b]{2,5}c?')]",
        "$[0,1,'a',1:3]",
        "$..[?search(@, '(x|y)*z')]", "$[?count(@..*) > 3]", "$[?value(@.a) == 1.50]", "$['\\u00e9\\n']",
    ]

    private static let expressions = [
        "$.hr", "@.v * 100 / 3 - -2.50", "if($.u == '/', $.v * 100, $.v)", "coalesce($.x, $.hr, {serial}, 'none')",
        "exists($.a) && !($.hr > 200 || $.hr <= 0)", "oneof($.kind, \"a\", 'b', 3)", "number({bed}) + 1", "1 / $.fs",
        "-1 * $.b / $.g",
        "$.readings[?@.kind == 'hr'].value", "count($.readings[?@.ok]) > 1", "true && null != $.a", "round($.temp, 1)",
        "min(1, 2)",
        "bits($.bytes, 0, 4)", "u16le($.bytes, 2)", "sfloat($.bytes, 1)", "substring({ward}, 0, 2)",
        "concat({ward}, '-', {bed})",
        "lower({ward}) == 'icu'", "split({serial}, '-', 1)", "abs(0 - 5) % 2", "floor(1.5) + ceil(2.5)", "upper('é')",
    ]

    /// Few bytes that denote millions of values, used as a key (a "billion laughs").
    private static let aliases =
        (1...7).reduce("a0: &a0 [x, y, z, x, y, z, x, y]\n") { text, level in
            text + "a\(level): &a\(level) [" + Array(repeating: "*a\(level - 1)", count: 8).joined(separator: ", ")
                + "]\n"
        } + "? *a7\n: 1\n"

    /// A profile that uses most of the language.
    static let profile = """
        wardline: device-profile/1
        id: fuzz-monitor
        version: 1.0.0
        name: A monitor that does not exist
        topics:
          - fuzz/{ward}/{bed}/{serial}
          - fuzz2/{ward}/{bed}/{serial}
        payload: {format: json}
        units: {"beat/min": /min, mmHg: "mm[Hg]"}
        ignore:
          - {when: $.kind == "life-cycle", reason: not a measurement}
        refuse:
          - {when: $.seq < 0, reason: a sequence number below zero}
        device: "{serial}"
        bed: "{ward}/{bed}"
        patient: {id: $.patient, assigner: "'ward'"}
        time: {value: $.ts, format: rfc3339}
        message_time: $.ts
        sequence: $.seq
        historical: $.old == true
        flags:
          - {flag: body-movement, when: $.moving == true}
        readings:
          - {code: heart-rate, value: $.hr, unit: /min, sentinels: [0, {value: -1, reason: error, flag: sensor-off}]}
          - {code: body-temperature, value: $.temp, unit: "{$.unit}", rescale: {above: 200, by: 0.1}}
          - code: blood-pressure
            components:
              - {code: systolic-blood-pressure, value: $.nibp.sys, unit: "mm[Hg]"}
              - {code: diastolic-blood-pressure, value: $.nibp.dia, unit: "mm[Hg]"}
          - each: $.readings[?@.value]
            code: {by: "@.code", name: "@.text", conflict: number, otherwise: ignore}
            value: "@.value"
            unit: "{@.unit}"

        """
}
