package org.secateur.models.libtorch;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import org.secateur.models.core.graph.HostTensor;

/**
 * The safetensors format: eight bytes with the header's length, a JSON header naming type, shape and place of each
 * tensor, then the values, little-endian (huggingface/safetensors, format description). Beyond the format, the
 * metadata carries the SHA-256 of the whole file with that entry's own digits set to zero.
 */
record Safetensors(Map<String, HostTensor> tensors, Map<String, String> metadata) {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final String METADATA = "__metadata__";
    private static final String DIGEST = "sha256";
    private static final String NO_DIGEST = "0".repeat(64);

    /** The file's content. */
    ByteBuffer encode() {
        ObjectNode header = MAPPER.createObjectNode();
        ObjectNode strings = header.putObject(METADATA);
        strings.put(DIGEST, NO_DIGEST);
        metadata.forEach(strings::put);
        long offset = 0;
        for (var entry : tensors.entrySet()) {
            HostTensor tensor = entry.getValue();
            ObjectNode description = header.putObject(entry.getKey());
            description.put("dtype", "F32");
            var shape = description.putArray("shape");
            Arrays.stream(tensor.shape()).forEach(shape::add);
            long end = offset + 4L * tensor.data().length;
            description.putArray("data_offsets").add(offset).add(end);
            offset = end;
        }
        String text = header.toString();
        int unpadded = text.getBytes(StandardCharsets.UTF_8).length;
        byte[] head = (text + " ".repeat((8 - unpadded % 8) % 8)).getBytes(StandardCharsets.UTF_8);
        ByteBuffer file = ByteBuffer.allocate(Math.toIntExact(8 + head.length + offset))
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(head.length)
                .put(head);
        for (HostTensor tensor : tensors.values()) {
            file.asFloatBuffer().put(tensor.data());
            file.position(file.position() + 4 * tensor.data().length);
        }
        int digits = digitsIn(file.array(), head.length);
        byte[] digest = HexFormat.of().formatHex(sha256(file.array())).getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(digest, 0, file.array(), digits, digest.length);
        return file.flip();
    }

    /**
     * Reads a file's content, which is overwritten.
     *
     * @throws IllegalArgumentException with the reason when it is torn, corrupt or not of this form
     */
    static Safetensors decode(byte[] bytes) {
        ByteBuffer file = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        long length = bytes.length < 8 ? -1 : file.getLong();
        if (length < 2 || length > bytes.length - 8) {
            throw new IllegalArgumentException("its " + bytes.length + " bytes do not hold a header");
        }
        int start = Math.toIntExact(8 + length);
        JsonNode header = header(new String(bytes, 8, (int) length, StandardCharsets.UTF_8));
        Map<String, HostTensor> tensors = new LinkedHashMap<>();
        long end = 0;
        for (var entry : header.properties()) {
            if (!entry.getKey().equals(METADATA)) {
                JsonNode description = entry.getValue();
                long from = description.path("data_offsets").path(0).asLong(-1);
                end = description.path("data_offsets").path(1).asLong(-1);
                if (from < 0 || end < from || end > bytes.length - start) {
                    throw new IllegalArgumentException(
                            "it ends after " + bytes.length + " bytes, within " + entry.getKey());
                }
                tensors.put(entry.getKey(), tensor(file, start + (int) from, (int) (end - from), description));
            }
        }
        if (start + end != bytes.length) {
            throw new IllegalArgumentException("it has " + bytes.length + " bytes instead of " + (start + end));
        }
        Map<String, String> metadata = new LinkedHashMap<>();
        header.path(METADATA)
                .properties()
                .forEach(e -> metadata.put(e.getKey(), e.getValue().asText()));
        String expected = metadata.remove(DIGEST);
        if (expected == null || expected.length() != NO_DIGEST.length()) {
            throw new IllegalArgumentException("it carries no SHA-256");
        }
        Arrays.fill(
                bytes, digitsIn(bytes, (int) length), digitsIn(bytes, (int) length) + expected.length(), (byte) '0');
        if (!HexFormat.of().formatHex(sha256(bytes)).equals(expected)) {
            throw new IllegalArgumentException("its SHA-256 does not fit its content");
        }
        return new Safetensors(tensors, metadata);
    }

    private static JsonNode header(String text) {
        try {
            return MAPPER.readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("its header is no JSON: " + e.getOriginalMessage(), e);
        }
    }

    private static HostTensor tensor(ByteBuffer file, int start, int bytes, JsonNode description) {
        String type = description.path("dtype").asText();
        if (!type.equals("F32")) {
            throw new IllegalArgumentException("type \"" + type + "\": expected F32");
        }
        JsonNode sizes = description.path("shape");
        int[] shape = new int[sizes.size()];
        Arrays.setAll(shape, i -> sizes.path(i).asInt());
        float[] data = new float[bytes / 4];
        file.slice(start, bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(data);
        return new HostTensor(shape, data);
    }

    /** Where the digest's digits stand: this writer puts them first into the header. */
    private static int digitsIn(byte[] file, int headerLength) {
        String before = "{\"" + METADATA + "\":{\"" + DIGEST + "\":\"";
        byte[] prefix = before.getBytes(StandardCharsets.US_ASCII);
        if (headerLength < prefix.length + NO_DIGEST.length()
                || !Arrays.equals(file, 8, 8 + prefix.length, prefix, 0, prefix.length)) {
            throw new IllegalArgumentException("its header does not begin with a SHA-256");
        }
        return 8 + prefix.length;
    }

    private static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
