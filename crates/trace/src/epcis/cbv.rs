//! Terms of the Core Business Vocabulary 2.0.

use crate::words::bare;

/// Business steps.
pub const BIZ_STEPS: &[&str] = &[
    "accepting",
    "arriving",
    "assembling",
    "collecting",
    "commissioning",
    "consigning",
    "creating_class_instance",
    "cycle_counting",
    "decommissioning",
    "departing",
    "destroying",
    "disassembling",
    "dispensing",
    "encoding",
    "entering_exiting",
    "holding",
    "inspecting",
    "installing",
    "killing",
    "loading",
    "other",
    "packing",
    "picking",
    "receiving",
    "removing",
    "repackaging",
    "repairing",
    "replacing",
    "reserving",
    "retail_selling",
    "sampling",
    "sensor_reporting",
    "shipping",
    "staging_outbound",
    "stock_taking",
    "stocking",
    "storing",
    "transporting",
    "unloading",
    "unpacking",
    "void_shipping",
];

/// Dispositions, for `persistentDisposition` as well.
pub const DISPOSITIONS: &[&str] = &[
    "active",
    "available",
    "completeness_inferred",
    "completeness_verified",
    "conformant",
    "container_closed",
    "container_open",
    "damaged",
    "destroyed",
    "dispensed",
    "disposed",
    "encoded",
    "expired",
    "in_progress",
    "in_transit",
    "inactive",
    "mismatch_class",
    "mismatch_instance",
    "mismatch_quantity",
    "needs_replacement",
    "no_pedigree_match",
    "non_conformant",
    "non_sellable_other",
    "partially_dispensed",
    "recalled",
    "reserved",
    "retail_sold",
    "returned",
    "sellable_accessible",
    "sellable_not_accessible",
    "stolen",
    "unavailable",
    "unknown",
];

/// Types of business transactions.
pub const TRANSACTION_TYPES: &[&str] =
    &["bol", "cert", "desadv", "inv", "pedigree", "po", "poc", "prodorder", "recadv", "rma", "testprd", "testres", "upevt"];

/// Types of sources and destinations.
pub const SOURCE_TYPES: &[&str] = &["owning_party", "possessing_party", "location"];

/// Reasons of an error declaration.
pub const ERROR_REASONS: &[&str] = &["did_not_occur", "incorrect_data"];

/// Exceptions of a sensor report.
pub const SENSOR_ALERTS: &[&str] = &["ALARM_CONDITION", "ERROR_CONDITION"];

/// Components of a measured vector or position.
pub const COMPONENTS: &[&str] = &[
    "x",
    "y",
    "z",
    "axial_distance",
    "azimuth",
    "height",
    "spherical_radius",
    "polar_angle",
    "elevation_angle",
    "easting",
    "northing",
    "latitude",
    "longitude",
    "altitude",
];

/// What a sensor report measures.
pub const MEASUREMENTS: &[&str] = &[
    "AbsoluteHumidity",
    "AbsorbedDose",
    "AbsorbedDoseRate",
    "Acceleration",
    "Altitude",
    "AmountOfSubstance",
    "AmountOfSubstancePerUnitVolume",
    "Angle",
    "AngularAcceleration",
    "AngularMomentum",
    "AngularVelocity",
    "Area",
    "Capacitance",
    "Conductance",
    "Conductivity",
    "Count",
    "Density",
    "Dimensionless",
    "DoseEquivalent",
    "DoseEquivalentRate",
    "DynamicViscosity",
    "ElectricCharge",
    "ElectricCurrent",
    "ElectricCurrentDensity",
    "ElectricFieldStrength",
    "Energy",
    "Exposure",
    "Force",
    "Frequency",
    "Illuminance",
    "Inductance",
    "Irradiance",
    "KinematicViscosity",
    "Length",
    "LinearMomentum",
    "Luminance",
    "LuminousFlux",
    "LuminousIntensity",
    "MagneticFlux",
    "MagneticFluxDensity",
    "MagneticVectorPotential",
    "Mass",
    "MassConcentration",
    "MassFlowRate",
    "MassPerAreaTime",
    "MemoryCapacity",
    "MolalityOfSolute",
    "MolarEnergy",
    "MolarMass",
    "MolarVolume",
    "Power",
    "Pressure",
    "RadiantFlux",
    "RadiantIntensity",
    "Radioactivity",
    "RelativeHumidity",
    "Resistance",
    "Resistivity",
    "SolidAngle",
    "SpecificVolume",
    "Speed",
    "SurfaceDensity",
    "SurfaceTension",
    "Temperature",
    "Time",
    "Torque",
    "Voltage",
    "Volume",
    "VolumeFlowRate",
    "VolumeFraction",
    "VolumetricFlux",
    "Wavenumber",
];

/// Beginnings of GS1's own namespaces: what follows must be a term of the list.
const OWN: [&str; 9] = [
    "urn:epcglobal:cbv:bizstep:",
    "urn:epcglobal:cbv:disp:",
    "urn:epcglobal:cbv:btt:",
    "urn:epcglobal:cbv:sdt:",
    "urn:epcglobal:cbv:er:",
    "https://ref.gs1.org/cbv/",
    "https://ns.gs1.org/cbv/",
    "http://ns.gs1.org/cbv/",
    "https://gs1.org/voc/",
];

/// Whether a value may stand where this list of terms holds: a term (bare, as CURIE, URN or URI), or a URI of somebody's own.
/// An unknown `cbv:` or `gs1:` CURIE counts as somebody's own URI, as in the published JSON schema.
pub fn allows(terms: &[&str], value: &str) -> bool {
    let term = bare(value);
    if terms.contains(&term) {
        return true;
    }
    super::is_uri(value) && !OWN.iter().any(|start| value.starts_with(start)) && !value.starts_with("urn:epcglobal:cbv")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_and_own_uris() {
        for value in [
            "shipping",
            "cbv:shipping",
            "cbv:BizStep-shipping",
            "urn:epcglobal:cbv:bizstep:shipping",
            "https://ref.gs1.org/cbv/BizStep-shipping",
            "https://example.com/bizStep/inspecting",
            "http://epcis.example.org/hc/bizstep/summarising_discharge",
            "example:own",
        ] {
            assert!(allows(BIZ_STEPS, value), "{value}");
        }
        for value in [
            "",
            "transforming",
            "Shipping",
            "urn:epcglobal:cbv:bizstep:transforming",
            "https://ref.gs1.org/cbv/BizStep-transforming",
            "in transit",
            "recalled",
        ] {
            assert!(!allows(BIZ_STEPS, value), "{value}");
        }
    }

    #[test]
    fn every_term_has_a_word() {
        for terms in [BIZ_STEPS, DISPOSITIONS, TRANSACTION_TYPES, SOURCE_TYPES, ERROR_REASONS, SENSOR_ALERTS, MEASUREMENTS] {
            for term in terms {
                assert!(crate::words::has_word(term), "{term}");
            }
        }
        assert_eq!((BIZ_STEPS.len(), DISPOSITIONS.len(), MEASUREMENTS.len()), (41, 33, 72));
    }
}
