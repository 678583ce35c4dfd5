package org.secateur.results.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.StringWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.secateur.results.core.Flag;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.SecateurException;
import org.secateur.results.core.statistics.Estimate;

class QuantityJsonTest {
    private static final Estimate NUMBER = new Estimate(0.25, 0.125, 0.5, 0.95, 9);

    @Test
    void aQuantityHasExactlyThePromisedFields() {
        assertThat(JsonDocument.text(QuantityJson.of(Quantity.measured(NUMBER), Set.of(Flag.CONTENDED, Flag.WIDE))))
                .isEqualTo("{\"value\":0.25,\"low\":0.125,\"high\":0.5,\"confidence\":0.95,\"blocks\":9,"
                        + "\"provenance\":\"MEASURED\",\"flags\":[\"WIDE\",\"CONTENDED\"]}");
        assertThat(JsonDocument.text(QuantityJson.of(Quantity.modelled(NUMBER, "roofline"))))
                .contains("\"provenance\":\"MODELLED\",\"model\":\"roofline\",\"flags\":[]");
        assertThat(JsonDocument.text(QuantityJson.of(Quantity.unavailable("no counter"))))
                .isEqualTo("{\"provenance\":\"UNAVAILABLE\",\"reason\":\"no counter\"}");
    }

    @Test
    void everyKindOfQuantityComesBack() {
        for (Quantity quantity : List.of(
                Quantity.measured(NUMBER),
                Quantity.derived(NUMBER),
                Quantity.modelled(NUMBER, "macs"),
                Quantity.unavailable("no counter"))) {
            String text = JsonDocument.text(QuantityJson.of(quantity));
            assertThat(QuantityJson.read(JsonDocument.read(text, "q"))).isEqualTo(quantity);
        }
    }

    @Test
    void aDocumentKeepsItsOrderAndTakesQuantitiesAsTheyAre() throws IOException {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("schema", 1);
        document.put("latencySeconds", Quantity.unavailable("not asked"));
        document.put("widths", List.of(16, 32));
        document.put("big", 1L << 40);
        StringWriter out = new StringWriter();
        JsonDocument.write(document, out);
        assertThat(out).hasToString("""
                {
                  "schema" : 1,
                  "latencySeconds" : {
                    "provenance" : "UNAVAILABLE",
                    "reason" : "not asked"
                  },
                  "widths" : [ 16, 32 ],
                  "big" : 1099511627776
                }
                """);
    }

    @Test
    void whatJsonCannotSayIsRefusedWithItsPath() {
        assertThatThrownBy(() -> JsonDocument.text(Map.of("a", List.of(1.0, Double.NaN))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("document.a[1] is NaN");
        assertThatThrownBy(() -> JsonDocument.text(Map.of("a", new Object())))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("document.a");
        assertThatThrownBy(() -> JsonDocument.read("{\"a\": 1, }", "widths.json"))
                .isInstanceOf(SecateurException.class)
                .hasMessageContainingAll("widths.json", "line 1 column");
        assertThatThrownBy(() -> JsonDocument.read("[]", "widths.json")).isInstanceOf(SecateurException.class);
    }
}
