package org.secateur.harness.cli;

import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.secateur.models.core.graph.Counts;
import org.secateur.profilers.core.Device;
import org.secateur.results.core.Fingerprint;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.SecateurException;
import org.secateur.results.core.cost.CostTable;
import org.secateur.results.store.JsonDocument;
import org.secateur.results.store.TableJson;

/** The JSON documents of the commands: schema 1, SI units in the names, one document per call. */
final class Json {
    private Json() {}

    /** What every document begins with. The caller adds its own fields. */
    static Map<String, Object> document(String command, Map<String, Object> device, List<String> warnings) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("schema", 1);
        document.put("command", command);
        document.put("tool", tool());
        document.put("device", device);
        document.put("warnings", warnings);
        return document;
    }

    /** The tool that speaks. */
    static Map<String, String> tool() {
        Map<String, String> tool = new LinkedHashMap<>();
        tool.put("version", Version.version());
        tool.put("commit", Version.commit());
        return tool;
    }

    /** An opened device. */
    static Map<String, Object> device(Device device) {
        return device(device.id(), device.name(), device.kind(), device.fingerprint());
    }

    /** The device of a table, whose number among its kind the table does not tell. */
    static Map<String, Object> device(CostTable table) {
        String kind = table.fingerprint().kind();
        return device(kind, table.device(), kind, table.fingerprint());
    }

    private static Map<String, Object> device(String id, String name, String kind, Fingerprint fingerprint) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("id", id);
        json.put("name", name);
        json.put("kind", kind);
        json.put("fingerprint", TableJson.fingerprint(fingerprint));
        return json;
    }

    /** A device that was not opened, or not to be had, for a reason given in one sentence. */
    static Map<String, Object> noDevice(String id, String reason) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("id", id);
        json.put("name", Quantity.unavailable(reason));
        json.put("kind", kind(id));
        json.put("fingerprint", Quantity.unavailable(reason));
        return json;
    }

    /** {@code cuda} or {@code cpu}, by the device's id. */
    static String kind(String id) {
        return id.startsWith("cuda") ? "cuda" : "cpu";
    }

    /** A count as every document has it. */
    static Map<String, Object> count(Counts.Count count) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("convolution", count.convolution());
        json.put("linear", count.linear());
        json.put("other", count.other());
        json.put("total", count.total());
        return json;
    }

    /** The document of a failure. */
    static Map<String, Object> error(SecateurException failure) {
        Map<String, Object> error = new LinkedHashMap<>();
        error.put("exit", failure.exit().code());
        error.put("what", failure.what());
        error.put("on", failure.on());
        error.put("fix", failure.fix());
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("schema", 1);
        document.put("error", error);
        return document;
    }

    /** The document as text. */
    static String write(Map<String, Object> document) {
        StringWriter text = new StringWriter();
        try {
            JsonDocument.write(document, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString();
    }
}
