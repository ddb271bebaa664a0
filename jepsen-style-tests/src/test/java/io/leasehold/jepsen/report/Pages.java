package io.leasehold.jepsen.report;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;

/** Reads pages again, as strictly as XML is read: what was not escaped does not pass. */
final class Pages {
  private Pages() {}

  static Element read(Path file) throws IOException {
    return read(Files.readString(file));
  }

  static Element read(String page) {
    String markup =
        page.replaceFirst("<!DOCTYPE html>", "")
            .replaceAll("(?s)<style>.*?</style>", "")
            .replaceAll("(?s)<script>\n?\\(function.*?</script>", "");
    try {
      DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
      factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
      Document document =
          factory.newDocumentBuilder().parse(new InputSource(new StringReader(markup)));
      return document.getDocumentElement();
    } catch (SAXException | IOException | ParserConfigurationException e) {
      throw new AssertionError("the page is not well formed: " + e.getMessage(), e);
    }
  }

  static List<Element> all(Element root, String name, Predicate<Element> which) {
    NodeList nodes = root.getElementsByTagName(name);
    List<Element> elements = new ArrayList<>();
    for (int i = 0; i < nodes.getLength(); i++) {
      Element element = (Element) nodes.item(i);
      if (which.test(element)) {
        elements.add(element);
      }
    }
    return elements;
  }

  static List<Element> ofClass(Element root, String name) {
    return all(root, "*", element -> hasClass(element, name));
  }

  static boolean hasClass(Element element, String name) {
    return List.of(element.getAttribute("class").split(" ")).contains(name);
  }

  static double number(Element element, String attribute) {
    return Double.parseDouble(element.getAttribute(attribute));
  }

  /** The picture that an element belongs to. */
  static Element picture(Element element) {
    for (Node at = element; at != null; at = at.getParentNode()) {
      if (at.getNodeName().equals("svg")) {
        return (Element) at;
      }
    }
    throw new AssertionError("in no picture: " + element.getTextContent());
  }

  /** Where a time lies in a picture, as the labels of its axis say. */
  static double place(Element picture, double seconds) {
    List<Element> ticks = ofClass(picture, "tick");
    Element first = ticks.get(0);
    Element last = ticks.get(ticks.size() - 1);
    double from = Double.parseDouble(first.getTextContent());
    double to = Double.parseDouble(last.getTextContent());
    return number(first, "x")
        + (seconds - from) / (to - from) * (number(last, "x") - number(first, "x"));
  }
}
