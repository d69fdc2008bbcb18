"""eBay: sellers whose orders are shipped over two interfaces, one of JSON and one of XML."""
