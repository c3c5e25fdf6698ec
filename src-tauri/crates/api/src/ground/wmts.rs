//! A service's own description of its tiles: the capabilities of WMTS 1.0.0 (OGC 07-057r7), of which one layer is read, on the grid that
//! the map has: `GoogleMapsCompatible` (annex E.4), which the IGN's Géoplateforme calls `PM`. Both ways to ask are known: an address to fill in
//! (`RESTful`, §10) and one with keys and values (§8.2).

use roxmltree::{Document, Node};

use super::template::{NEAREST, Template, web};

/// Scale denominator of zoom 0 of the grid (annex E.4).
const WORLD: f64 = 559_082_264.028_717_8;
/// Half the width of the projected world, metres.
const HALF: f64 = 20_037_508.342_789_2;
/// Pictures that the map reads, the first the most wanted.
const FORMATS: [&str; 4] = ["image/png", "image/png8", "image/jpeg", "image/webp"];

/// Reads how the tiles of a layer are asked for.
///
/// # Errors
/// What the service does not offer, in words for IT.
pub(super) fn read(text: &str, layer: &str, address: &str, credit: &str) -> Result<Template, String> {
    let document = Document::parse(text).map_err(|e| format!("the service does not describe itself in XML: {e}"))?;
    let root = document.root_element();
    if root.tag_name().name() != "Capabilities" {
        return Err(format!("the service answers with {} instead of the Capabilities of WMTS", root.tag_name().name()));
    }
    let contents = child(root, "Contents").ok_or("the service describes no contents")?;
    let layers: Vec<_> = children(contents, "Layer").collect();
    let found = layers.iter().find(|each| said(**each, "Identifier") == Some(layer)).ok_or_else(|| {
        let known: Vec<_> = layers.iter().filter_map(|each| said(*each, "Identifier")).take(20).collect();
        format!("the service has no layer {layer}; it has {}", known.join(", "))
    })?;
    let (set, names) = children(*found, "TileMatrixSetLink")
        .filter_map(|link| {
            let set = said(link, "TileMatrixSet")?;
            let described = children(contents, "TileMatrixSet").find(|each| said(*each, "Identifier") == Some(set))?;
            Some((set, zooms(described, link)))
        })
        .find(|(_, names)| !names.is_empty())
        .ok_or_else(|| format!("the layer {layer} is not offered on the grid of the web (GoogleMapsCompatible, PM): another projection cannot be drawn under this map"))?;
    let style = children(*found, "Style").find(|style| style.attribute("isDefault") == Some("true"));
    let style =
        style.or_else(|| child(*found, "Style")).and_then(|style| said(style, "Identifier")).unwrap_or("default");
    let template = rest(*found, style, set).or_else(|| keys(root, *found, address, layer, style, set));
    let template = template.ok_or_else(|| {
        format!("the layer {layer} is offered in no picture that is read here ({})", FORMATS.join(", "))
    })?;
    let [ours, theirs] = [address, &template].map(|each| web(&each.replace(['{', '}'], "")));
    if ours?.host_str() != theirs?.host_str() {
        return Err(format!("the service sends to another host for its tiles ({template}): name that one"));
    }
    let owner = child(root, "ServiceProvider").and_then(|provider| said(provider, "ProviderName"));
    let credit = if credit.trim().is_empty() { owner.unwrap_or_default() } else { credit };
    Template::named(template, names, credit.trim().to_owned()).ok_or_else(|| format!("the layer {layer} has no zoom"))
}

/// An address to fill in.
fn rest(layer: Node<'_, '_>, style: &str, set: &str) -> Option<String> {
    let offered = |format: &str| {
        children(layer, "ResourceURL")
            .find(|each| each.attribute("resourceType") == Some("tile") && each.attribute("format") == Some(format))
    };
    let text = FORMATS.iter().find_map(|format| offered(format)?.attribute("template"))?;
    let filled = text.replace("{Style}", style).replace("{style}", style).replace("{TileMatrixSet}", set);
    let filled = filled.replace("{TileMatrix}", "{z}").replace("{TileCol}", "{x}").replace("{TileRow}", "{y}");
    // A dimension of its own (a date) has no value here.
    (filled.matches('{').count() == 3).then_some(filled)
}

/// Keys and values.
fn keys(root: Node<'_, '_>, layer: Node<'_, '_>, address: &str, name: &str, style: &str, set: &str) -> Option<String> {
    let format = FORMATS
        .iter()
        .find(|format| children(layer, "Format").any(|each| each.text().map(str::trim) == Some(format)))?;
    let operations = child(root, "OperationsMetadata");
    let get_tile =
        operations.and_then(|all| children(all, "Operation").find(|each| each.attribute("name") == Some("GetTile")));
    let href = get_tile.and_then(|each| {
        let get = each.descendants().find(|node| node.tag_name().name() == "Get")?;
        get.attributes().find(|attribute| attribute.name() == "href").map(|attribute| attribute.value().to_owned())
    });
    let mut url = web(&href.unwrap_or_else(|| address.to_owned())).ok()?;
    let ours = [
        "service",
        "request",
        "version",
        "layer",
        "style",
        "format",
        "tilematrixset",
        "tilematrix",
        "tilecol",
        "tilerow",
    ];
    let kept: Vec<(String, String)> = url
        .query_pairs()
        .filter(|(key, _)| !ours.contains(&key.to_lowercase().as_str()))
        .map(|(k, v)| (k.into(), v.into()))
        .collect();
    url.query_pairs_mut().clear().extend_pairs(kept).extend_pairs([
        ("SERVICE", "WMTS"),
        ("REQUEST", "GetTile"),
        ("VERSION", "1.0.0"),
        ("LAYER", name),
        ("STYLE", style),
        ("FORMAT", format),
        ("TILEMATRIXSET", set),
    ]);
    Some(format!("{url}&TILEMATRIX={{z}}&TILECOL={{x}}&TILEROW={{y}}"))
}

/// The names of a set's zooms that lie on the map's grid, ascending; only those that a layer is limited to, where it is.
fn zooms(set: Node<'_, '_>, link: Node<'_, '_>) -> Vec<(u8, String)> {
    let limits: Option<Vec<_>> = child(link, "TileMatrixSetLimits")
        .map(|limits| children(limits, "TileMatrixLimits").filter_map(|each| said(each, "TileMatrix")).collect());
    let number = |node: Node<'_, '_>, name: &'static str| said(node, name)?.parse::<f64>().ok();
    let mut found: Vec<(u8, String)> = children(set, "TileMatrix")
        .filter_map(|matrix| {
            let name = said(matrix, "Identifier")?;
            let zoom = (WORLD / number(matrix, "ScaleDenominator")?).log2();
            let corner: Vec<f64> =
                said(matrix, "TopLeftCorner")?.split_whitespace().filter_map(|each| each.parse().ok()).collect();
            let ([west, north], 256.0, 256.0) =
                (corner.as_slice(), number(matrix, "TileWidth")?, number(matrix, "TileHeight")?)
            else {
                return None;
            };
            let ours = (zoom - zoom.round()).abs() < 0.001 && (west + HALF).abs() < 1.0 && (north - HALF).abs() < 1.0;
            let within = (0.0..=f64::from(NEAREST)).contains(&zoom.round());
            let offered = limits.as_ref().is_none_or(|limits| limits.contains(&name));
            #[allow(clippy::cast_sign_loss, reason = "within the grid's zooms")]
            (ours && within && offered).then(|| (zoom.round() as u8, name.to_owned()))
        })
        .collect();
    found.sort_unstable();
    found
}

fn children<'a, 'i>(node: Node<'a, 'i>, name: &'static str) -> impl Iterator<Item = Node<'a, 'i>> {
    node.children().filter(move |each| each.tag_name().name() == name)
}

fn child<'a, 'i>(node: Node<'a, 'i>, name: &'static str) -> Option<Node<'a, 'i>> {
    children(node, name).next()
}

fn said<'a>(node: Node<'a, '_>, name: &'static str) -> Option<&'a str> {
    child(node, name)?.text().map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::super::template::Tile;
    use super::*;

    const AT: &str = "https://wmts.test/service?key=abc";

    /// Zooms 11 and 12 of the grid, or of one that is another's.
    fn capabilities(layer: &str, corner: &str) -> String {
        let matrix = |zoom: i32| {
            format!(
                "<TileMatrix><ows:Identifier>{zoom}</ows:Identifier><ScaleDenominator>{}</ScaleDenominator>\
                 <TopLeftCorner>{corner}</TopLeftCorner><TileWidth>256</TileWidth><TileHeight>256</TileHeight></TileMatrix>",
                WORLD / f64::from(1 << zoom)
            )
        };
        format!(
            r#"<?xml version="1.0"?><Capabilities xmlns="http://www.opengis.net/wmts/1.0" xmlns:ows="http://www.opengis.net/ows/1.1" xmlns:xlink="http://www.w3.org/1999/xlink">
            <ows:ServiceProvider><ows:ProviderName>Somebody</ows:ProviderName></ows:ServiceProvider>
            <ows:OperationsMetadata><ows:Operation name="GetTile"><ows:DCP><ows:HTTP><ows:Get xlink:href="https://wmts.test/wmts?"/></ows:HTTP></ows:DCP></ows:Operation></ows:OperationsMetadata>
            <Contents><Layer><ows:Identifier>PLAN</ows:Identifier><Style isDefault="true"><ows:Identifier>grey</ows:Identifier></Style>{layer}
            <TileMatrixSetLink><TileMatrixSet>PM</TileMatrixSet></TileMatrixSetLink></Layer>
            <TileMatrixSet><ows:Identifier>PM</ows:Identifier>{}{}</TileMatrixSet></Contents></Capabilities>"#,
            matrix(12),
            matrix(11)
        )
    }

    const OURS: &str = "-20037508.342789 20037508.342789";

    #[test]
    fn a_service_with_keys_and_values_is_asked_so() {
        let text = capabilities("<Format>image/jpeg</Format><Format>image/png</Format>", OURS);
        let template = read(&text, "PLAN", AT, "").unwrap();
        assert_eq!((template.zooms, template.credit.as_str()), ((11, 12), "Somebody"));
        assert_eq!(
            template.address(Tile { z: 12, x: 5, y: 7 }).as_deref(),
            Some(
                "https://wmts.test/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER=PLAN&STYLE=grey&FORMAT=image%2Fpng&TILEMATRIXSET=PM&TILEMATRIX=12&TILECOL=5&TILEROW=7"
            )
        );
        assert_eq!(template.address(Tile { z: 13, x: 5, y: 7 }), None, "a zoom that it does not offer");
        // Where it says no other address, its own serves, with what it needs beside ours.
        let silent = read(&text.replace("\"GetTile\"", "\"GetFeatureInfo\""), "PLAN", AT, "").unwrap();
        let address = silent.address(Tile { z: 11, x: 5, y: 7 }).unwrap();
        assert!(address.starts_with("https://wmts.test/service?key=abc&SERVICE=WMTS&"), "{address}");
    }

    #[test]
    fn a_service_with_an_address_to_fill_in_is_asked_so() {
        let url = r#"<ResourceURL format="image/png" resourceType="tile" template="https://wmts.test/{Style}/{TileMatrixSet}/{TileMatrix}/{TileRow}/{TileCol}.png"/>"#;
        let template = read(&capabilities(url, OURS), "PLAN", AT, "IGN").unwrap();
        assert_eq!(
            template.address(Tile { z: 11, x: 5, y: 7 }).as_deref(),
            Some("https://wmts.test/grey/PM/11/7/5.png")
        );
        assert_eq!(template.credit, "IGN");
    }

    #[test]
    fn what_cannot_be_drawn_under_the_map_is_said_in_words() {
        let offered = "<Format>image/png</Format>";
        let refused = |text: &str, layer: &str| read(text, layer, AT, "").unwrap_err();
        assert!(refused(&capabilities(offered, "0 12000000"), "PLAN").contains("GoogleMapsCompatible"));
        assert!(refused(&capabilities(offered, OURS), "ORTHO").contains("it has PLAN"));
        assert!(refused(&capabilities("<Format>image/tiff</Format>", OURS), "PLAN").contains("image/png"));
        assert!(refused("<html>log in</html>", "PLAN").contains("html"));
        assert!(refused("no", "PLAN").contains("XML"));
        let elsewhere = r#"<ResourceURL format="image/png" resourceType="tile" template="https://evil.test/{TileMatrix}/{TileRow}/{TileCol}"/>"#;
        assert!(refused(&capabilities(elsewhere, OURS), "PLAN").contains("another host"));
    }
}
