//! The golden vectors of services/contracts/vectors, which the Go side reads too: both ends agree on the bytes.

use prost::Message;

use crate::v1::{PriceRequest, PriceRequestLine, PriceResponse, QuotedLine};

fn agrees<M: Message + Default + PartialEq + std::fmt::Debug>(bytes: &[u8], value: &M) {
    assert_eq!(&M::decode(bytes).unwrap(), value);
    assert_eq!(value.encode_to_vec(), bytes);
}

#[test]
fn a_request_has_the_bytes_of_the_vector() {
    let line = |sku: &str, quantity| PriceRequestLine { sku: sku.into(), quantity };
    let request =
        PriceRequest { currency: "EUR".into(), lines: vec![line("MUG-BLUE", 2), line("PEN-FINELINER", 10_000)] };
    agrees(include_bytes!("../../contracts/vectors/price_request.bin"), &request);
}

#[test]
fn a_response_has_the_bytes_of_the_vector() {
    let line = |sku: &str, quantity, unit_price_minor, line_total_minor| QuotedLine {
        sku: sku.into(),
        quantity,
        unit_price_minor,
        line_total_minor,
    };
    let response = PriceResponse {
        currency: "EUR".into(),
        lines: vec![line("MUG-BLUE", 2, 1150, 2300), line("PEN-FINELINER", 10_000, 245, 2_450_000)],
        total_minor: 2_452_300,
        catalogue_version: "0123456789ab".into(),
    };
    agrees(include_bytes!("../../contracts/vectors/price_response.bin"), &response);
}
