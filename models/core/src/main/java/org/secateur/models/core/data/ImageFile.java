package org.secateur.models.core.data;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import javax.imageio.ImageReadParam;
import javax.imageio.ImageReader;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;
import org.secateur.results.core.SecateurException;

/**
 * A PNG or JPEG file, decoded by the JDK. As torchvision reads it: transparency, colour profiles and the orientation that
 * a camera wrote are left out of account, and grey becomes three equal channels.
 */
record ImageFile(Path path) {
    /** As many as half a gigabyte holds while they are decoded. */
    private static final long MOST_PIXELS = 1L << 26;
    /** What the decoder says of pixels that it made up. */
    private static final Pattern DAMAGE =
            Pattern.compile("truncated|premature end|bad huffman|instead of RST", Pattern.CASE_INSENSITIVE);

    private static final int CHANNELS = 3;

    /**
     * The middle square of the image, its shorter side brought to {@code size} pixels: three planes of red, green and
     * blue.
     *
     * @throws SecateurException when the file cannot be read or decoded, or is cut off
     */
    byte[] pixels(int size) {
        BufferedImage image = decoded();
        int width = image.getWidth();
        int height = image.getHeight();
        Crop crop = Crop.of(width, height, size);
        byte[] pixels = new byte[CHANNELS * size * size];
        int[] plane = new int[width * height];
        int bands = image.getColorModel() instanceof IndexColorModel
                ? CHANNELS
                : image.getRaster().getNumBands();
        for (int c = 0; c < CHANNELS; c++) {
            if (c > 0 && bands < CHANNELS) { // grey, maybe with transparency
                System.arraycopy(pixels, 0, pixels, c * size * size, size * size);
            } else {
                read(image, c, plane);
                crop.apply(plane, width, pixels, c * size * size);
            }
        }
        return pixels;
    }

    private static void read(BufferedImage image, int channel, int[] plane) {
        Raster raster = image.getRaster();
        if (image.getColorModel() instanceof IndexColorModel colours) {
            byte[] values = new byte[colours.getMapSize()];
            switch (channel) {
                case 0 -> colours.getReds(values);
                case 1 -> colours.getGreens(values);
                default -> colours.getBlues(values);
            }
            raster.getSamples(0, 0, raster.getWidth(), raster.getHeight(), 0, plane);
            for (int i = 0; i < plane.length; i++) {
                plane[i] = values[plane[i]] & 0xff;
            }
            return;
        }
        // Not by the colour model: it would brighten grey, whose values it takes for linear ones.
        raster.getSamples(0, 0, raster.getWidth(), raster.getHeight(), channel, plane);
        int excess = raster.getSampleModel().getSampleSize(channel) - Byte.SIZE;
        for (int i = 0; excess > 0 && i < plane.length; i++) {
            plane[i] >>>= excess;
        }
    }

    private BufferedImage decoded() {
        DataFile file = new DataFile(path);
        byte[] content = file.content();
        try (ImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(content))) {
            Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
            if (!readers.hasNext()) {
                throw file.damaged("neither a PNG nor a JPEG image");
            }
            return read(readers.next(), in, file);
        } catch (SecateurException e) {
            throw e;
        } catch (IOException | RuntimeException e) { // decoders throw both at bytes that they do not expect
            throw file.damaged("the image cannot be decoded: " + e.getMessage(), e);
        }
    }

    /** Without the conversion by a colour profile, which the decoder of JPEG leaves out where bands are asked for. */
    private static ImageReadParam asWritten(ImageReader reader) throws IOException {
        ImageReadParam param = reader.getDefaultReadParam();
        Iterator<ImageTypeSpecifier> types = reader.getImageTypes(0);
        if (reader.getFormatName().equals("JPEG")
                && types.hasNext()
                && types.next().getNumBands() == CHANNELS) {
            param.setSourceBands(new int[] {0, 1, 2});
            param.setDestinationBands(new int[] {0, 1, 2});
        }
        return param;
    }

    private static BufferedImage read(ImageReader reader, ImageInputStream in, DataFile file) throws IOException {
        try {
            StringBuilder damage = new StringBuilder();
            reader.addIIOReadWarningListener((source, warning) -> {
                if (DAMAGE.matcher(warning).find() && damage.isEmpty()) {
                    damage.append(warning);
                }
            });
            reader.setInput(in, true, true);
            long width = reader.getWidth(0);
            long height = reader.getHeight(0);
            if (width < 1 || height < 1 || width * height > MOST_PIXELS) {
                throw file.damaged("an image of " + width + " times " + height + " pixels: expected 1 to " + MOST_PIXELS
                        + " in all");
            }
            BufferedImage image = reader.read(0, asWritten(reader));
            if (image.getColorModel().getColorSpace().getType() == ColorSpace.TYPE_CMYK) {
                throw file.damaged("an image for printing, in CMYK: expected red, green and blue, or grey");
            }
            if (!damage.isEmpty()) {
                throw file.damaged("the image is damaged: " + damage);
            }
            return image;
        } finally {
            reader.dispose();
        }
    }
}
