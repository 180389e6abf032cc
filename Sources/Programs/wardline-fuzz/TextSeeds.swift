/// Small well-formed inputs of the textual payload formats; all values are invented.
enum TextSeeds {
    static func all(_ family: SeedFamily) -> [[UInt8]] { self.texts(family).map { Array($0.utf8) } }

    private static func texts(_ family: SeedFamily) -> [String] {
        switch family {
        case .json: self.json
        case .jsonLines: ["{\"hr\":71}\n{\"hr\":72}\r\n\n{\"hr\":null}\n", "1\n2.50\n\"x\"", "[1]\n[2]\n"]
        case .senmlJSON: self.senml
        case .delimited: self.delimited
        case .scalar: ["36.60", "98.6 degF", "-1", "true", " 97 % \r\n", "off", "1e3", "37,2", "72/min"]
        case .lineProtocol: self.lineProtocol
        case .hl7: self.hl7
        case .hex: ["0648", "06:48:00:04", "1e 8a 00 58 00 78 00", "0x16540003040304", "AABBCCDDEEFF"]
        case .base64: ["BkgABA==", "BkgABA", "eyJociI6NzJ9", "_-8=", "AAEC\r\nAwQF"]
        default: GrammarSeeds.texts(family)
        }
    }

    private static let json = [
        #"{"ts":"2026-03-10T08:15:30.250Z","seq":17,"hr":72,"spo2":97,"rr":14,"temp":36.60,"nibp":{"sys":121,"dia":78}}"#,
        #"{"messageSource":"telemetry","deviceId":"d1","enqueuedTime":"2026-03-10T08:15:30Z","telemetry":{"HeartRate":71,"#
            + #""RespiratoryRate":13,"BodyTemperature":36.9,"BloodPressure":{"Systolic":120,"Diastolic":80}}}"#,
        #"{"Body":{"heartRate":"78","deviceId":"b7","endDate":"2026-03-10T08:15:30+01:00","systolic":118,"diastolic":76,"#
            + #""steps":12},"Properties":{"iothub-creation-time-utc":"2026-03-10T07:15:30Z"},"#
            + #""SystemProperties":{"iothub-connection-device-id":"b7"}}"#,
        #"{"backfill":true,"readings":[{"ts":1773130530000,"kind":"hr","value":71,"probe":1},"#
            + #"{"ts":1773130531000,"kind":"temp","value":98.6,"unit":"[degF]","probe":2},"#
            + #"{"ts":1773130532000,"kind":"glucose","value":99,"unit":"mg/dL"}]}"#,
        #"{"id":"AA:BB:CC:DD:EE:FF","characteristic":"2a37","value":"0648","time":"2026-03-10T08:15:30"}"#,
        #"{"id":"AA","characteristic":"0x2A5F","value":"006200480000"}"#,
        #"{"deviceId":"w1","t0":"2026-03-10T08:15:30Z","fs":125,"gain":200,"baseline":0,"signal":"ABP","#
            + #""adc":[1,2,-3,4,-32768,600]}"#,
        #"[1,-0,2.50,1e2,{"a":{"b":[null,true,false,"é\u00e9\n\"\\"]}},"",[[[[]]]]]"#, "\u{FEFF}{}", "72", "\"x\"",
    ]

    private static let senml = [
        #"[{"bn":"urn:dev:ow:1:","bt":1773130530,"bu":"Cel","bver":10,"n":"temp","v":36.60},"#
            + #"{"n":"hr","u":"beat/min","t":-5,"v":72},{"n":"spo2","u":"/","v":0.97},{"n":"rr","v":13,"ut":60}]"#,
        #"[{"n":"a","vs":"text"},{"n":"b","vb":true},{"n":"c","vd":"AQID"},{"n":"d","bs":5,"s":0.25}]"#,
        #"[{"bn":"urn:dev:mac:0024befffe804ff1/","n":"hr","u":"beat/min","v":71},{"bv":20,"n":"temp","u":"Cel","v":16.6}]"#,
    ]

    private static let delimited = [
        "time,seq,hr,pulse,spo2,rr,abp_sys,abp_dia\n2026-03-10T08:15:30Z,1,71,71,97,13,121,79\n",
        "2026-03-10T08:15:30Z,1,71,71,97,13,121,79,93,118,76,90\r\n2026-03-10T08:16:30Z,2,72,,98,,,,,,,\r\n",
        "'[08:15:30 10/03/2026]',95,120,60,82,95,18,97,0,0,0\n", "08:15;71;97;x\n08:16;7,5;\"a;\"\"b\";\n08:17;;;\n",
        "t\thr\n0\t70\n1\t-\n", "1,2,3",
    ]

    private static let lineProtocol = [
        "vitals,device=m1,ward=icu,bed=7 hr=72i,spo2=97.5,temp_f=98.6,etco2_kpa=4.9 1773130530000000000\n",
        "vitals,device=m\\ 1 hr=72u,ok=t,note=\"a \\\"b\\\"\\\\c\"\n# comment\nvitals hr=1e2\n",
        "a,b=c d=F 1\nm x=-3.5", "m\\,x y=1i",
    ]

    private static let header =
        #"MSH|^~\&|GATE^02C0FFEE00000001^EUI-64|W|||20260310081530.250+0100||ORU^R01^ORU_R01|5|P|2.6"#

    private static let hl7 = [
        [
            Self.header + "|||AL|NE||UNICODE UTF-8",
            #"PID|||77^^^North&1.2.3&ISO^PI~9^^^^SS||Muster^Erika||19700101|F"#,
            "PV1||I|ICU^^7", "OBR|1|5^G|5^G|182777000^monitoring^SCT|||20260310081400+0000|20260310081500+0000",
            "OBX|1|NM|147842^MDC_ECG_HEART_RATE^MDC|1.7.4.147842|88|264864^MDC_DIM_BEAT_PER_MIN^MDC|||||R|||20260310081528+0800",
            "OBX|2|NM|150456^MDC_PULS_OXIM_SAT_O2^MDC|1.3.1.150456|97|262688^MDC_DIM_PERCENT^MDC|||||R",
            "OBX|3|NM|150344^MDC_TEMP^MDC||384.5|268192^MDC_DIM_DEGC^MDC|35-38|H|||R||||||||SN1^ACME", "",
        ],
        [
            #"MSH|^~\&|TELE|FAC|||||ORU^R01|12|P|2.4"#, "PID|1||Q777||Muster^Max||19600202|M|||^^^Bed3^WardB", "OBR|1",
            "OBX|1|NM|150021^MDC_PRESS_BLD_NONINV_SYS^MDC|1.0.1.1|131|266016^MDC_DIM_MMHG^MDC|||||R|||20260310081530",
            "OBX|2|NM|150022^MDC_PRESS_BLD_NONINV_DIA^MDC|1.0.1.1|\"\"|mm[Hg]^^UCUM|||||X",
            "OBX|3|CWE|1^a^L||A\\S\\B\\T\\C~2^b^L",
            "OBX|4|NA|131328^MDC_ECG_ELEC_POTL^MDC||1^2^3^-32768|uV", "OBX|5|DTM|67975^X^MDC||20260310031527",
            "OBX|6|SN|9^x^L||>^5",
            "OBX|7|ED|9^x^L||^TEXT^^Base64^QUJD", "NTE|1||line one\\.br\\line \\X41\\two",
        ],
        [
            #"MSH|^~\&|BED|G|||20260310081530000+0800||ORU^R40|1|P|2.6|||||CHN|GB 18030-2000"#,
            "OBX|1|CWE|196616^MDC_EVT_ALARM^MDC|1.7.0.1|196680^MDC_EVT_LEAD_OFF^MDC|||A~PL~ST|||R|||20260310081530+0800",
            "OBX|3|ST|68481^MDC_ATTR_EVENT_PHASE^MDC|1.7.0.3|start",
            "OBX|4|ST|68482^MDC_ATTR_ALARM_STATE^MDC|1.7.0.4|active",
        ],
        ["\u{0B}MSH|^~\\&|A|B|||2026||ACK|1|P|2.3||||||8859/1", "MSA|AA|1", "\u{1C}", ""],
    ].map { $0.joined(separator: "\r") }
}
