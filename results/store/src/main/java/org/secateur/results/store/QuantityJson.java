package org.secateur.results.store;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.secateur.results.core.Flag;
import org.secateur.results.core.Provenance;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.statistics.Estimate;

/**
 * Quantities in JSON: {@code {"value","low","high","confidence","blocks","provenance","flags"}}, with {@code "model"}
 * where one computed it; a missing one is {@code {"provenance":"UNAVAILABLE","reason"}}.
 */
public final class QuantityJson {
    private QuantityJson() {}

    static final String UNAVAILABLE = "UNAVAILABLE";

    /** A quantity without flags. */
    public static Map<String, Object> of(Quantity quantity) {
        return of(quantity, List.of());
    }

    /** A quantity with the flags of its measurement. */
    public static Map<String, Object> of(Quantity quantity, Collection<Flag> flags) {
        Map<String, Object> json = new LinkedHashMap<>();
        switch (quantity) {
            case Quantity.Missing missing -> {
                json.put("provenance", UNAVAILABLE);
                json.put("reason", missing.reason());
            }
            case Quantity.Known known -> {
                Estimate number = known.number();
                json.put("value", number.value());
                json.put("low", number.low());
                json.put("high", number.high());
                json.put("confidence", number.confidence());
                json.put("blocks", number.blocks());
                json.put("provenance", provenance(known.provenance()));
                if (known.provenance() instanceof Provenance.Modelled modelled) {
                    json.put("model", modelled.model());
                }
                json.put("flags", flags.stream().sorted().map(Flag::name).toList());
            }
        }
        return json;
    }

    /**
     * Reads what {@link #of} made, from the maps of {@link JsonDocument#read}.
     *
     * @throws IllegalArgumentException when a field is missing, unknown or of another type
     */
    public static Quantity read(Map<String, ?> json) {
        return read(new JsonObject(json, "quantity"));
    }

    static Quantity read(JsonObject json) {
        String provenance = json.text("provenance");
        if (provenance.equals(UNAVAILABLE)) {
            return Quantity.unavailable(json.only("provenance", "reason").text("reason"));
        }
        json.values("flags", Flag.class);
        Estimate number = new Estimate(
                json.number("value"),
                json.number("low"),
                json.number("high"),
                json.number("confidence"),
                json.count("blocks"));
        boolean modelled = provenance.equals("MODELLED");
        if (modelled) {
            json.only("value", "low", "high", "confidence", "blocks", "provenance", "model", "flags");
        } else {
            json.only("value", "low", "high", "confidence", "blocks", "provenance", "flags");
        }
        return new Quantity.Known(number, provenance(provenance, modelled ? json.text("model") : ""));
    }

    /** The provenance's name. */
    static String provenance(Provenance provenance) {
        return switch (provenance) {
            case Provenance.Measured measured -> "MEASURED";
            case Provenance.Derived derived -> "DERIVED";
            case Provenance.Modelled modelled -> "MODELLED";
            case Provenance.Unavailable unavailable -> UNAVAILABLE;
        };
    }

    static Provenance provenance(String name, String model) {
        return switch (name) {
            case "MEASURED" -> Provenance.MEASURED;
            case "DERIVED" -> Provenance.DERIVED;
            case "MODELLED" -> new Provenance.Modelled(model);
            default ->
                throw new IllegalArgumentException(
                        "provenance is \"" + name + "\": expected MEASURED, DERIVED, MODELLED or UNAVAILABLE");
        };
    }
}
