"""The carriers eBay knows, a part of what GeteBayDetails lists."""

CODES = frozenset(
    {"4PX", "ALLIEDEXPRESS", "APC", "ARAMEX", "AnPost", "AustraliaPost", "BPost", "Bartolini", "BluePackage"}
    | {
        "CanadaPost",
        "ChinaPost",
        "Chronopost",
        "CityLink",
        "Colissimo",
        "CollectPlus",
        "Correos",
        "DBSchenker",
    }
    | {
        "DHL",
        "DHLEXPRESS",
        "DHLGlobalMail",
        "DPD",
        "DeutschePost",
        "Fastway",
        "FedEx",
        "FedExSmartPost",
        "GLS",
    }
    | {"Hermes", "HongKongPost", "IndiaPost", "Interlink", "IsraelPost", "JapanPost", "KoreaPost", "LAPOSTE"}
    | {
        "MRW",
        "MondialRelay",
        "Nacex",
        "ONTRACK",
        "OsterreichischePostAG",
        "Other",
        "Parcelforce",
        "PocztaPolska",
    }
    | {"PostNL", "PostNordNorway", "PosteItaliane", "RoyalMail", "SDA", "SINGAPOREPOST", "Seur", "StarTrack"}
    | {"SwissPost", "TNT", "TNTEXPRESS", "Toll", "UKMail", "UPS", "UPSMailInnovations", "USPS", "YANWEN"}
    | {"Yodel", "iLoxx"}
)
